using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Truthfulness;

/// <summary>A closed port is refused as without the box.</summary>
[NonParallelizable]
[TestFixture("one-proxy")]
[TestFixture("masquerade")]
public sealed class ClosedPortTests(string topology) : ServingLabFixture(topology)
{
    private const int ClosedPort = 7999;
    private const int Attempts = 41;

    // Measured: 0.3 ms with the box, 0.2 without. A box that would wait for anything is far beyond.
    private const double Factor = 6;
    private static readonly TimeSpan Noise = TimeSpan.FromMilliseconds(3);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Closed_port_is_refused_as_fast_as_without_the_box(AddressFamily family)
    {
        var other = await UpWithoutBoxesAsync();
        var before = await Box.StatusAsync(Deadline);
        var with = new List<TimeSpan>();
        var without = new List<TimeSpan>();

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            with.Add(await RefusalAsync(Lab, family));
            without.Add(await RefusalAsync(other, family));
        }

        var (medianWith, medianWithout) = (Median(with), Median(without));
        TestContext.Out.WriteLine($"{medianWith.TotalMilliseconds:0.00} ms, without {medianWithout.TotalMilliseconds:0.00}");
        Assert.That(medianWith, Is.LessThan((medianWithout * Factor) + Noise));
        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.Released("serverRefused") - before.Released("serverRefused"), Is.EqualTo(Attempts));
        Assert.That(after.Contexts, Is.Zero);
    }

    private async Task<TimeSpan> RefusalAsync(Laboratory lab, AddressFamily family)
    {
        using var socket = lab["client"].CreateTcpSocket(family, mptcp: true);
        var watch = Stopwatch.StartNew();
        try
        {
            await socket.ConnectAsync(lab.EndpointOf("legacy", family, ClosedPort), Deadline);
            Assert.Fail("A closed port was connected to.");
        }
        catch (SocketException exception)
        {
            Assert.That(exception.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        }
        return watch.Elapsed;
    }

    private static TimeSpan Median(List<TimeSpan> values) => values.Order().ElementAt(values.Count / 2);
}
