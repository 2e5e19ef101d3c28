using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>The daemon crashes: what it relayed is lost, and nothing else.</summary>
[TestFixture("one-proxy")]
[TestFixture("masquerade")]
public sealed class KilledDaemonTests(string topology) : ServingLabFixture(topology)
{
    private const int Connections = 20;

    // A SYN or SYN/ACK that is lost is repeated after a second.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(800);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Daemon_killed_new_connections_pass_unproxied_at_once_and_the_restart_serves(AddressFamily family)
    {
        using (var relayed = await ConnectOverBothAccessesAsync(family))
        {
            await Box.KillBoxAsync();
            var killed = Stopwatch.GetTimestamp();
            var answers = Client.Counter("MPTcpExtMPCapableSYNACKRX");

            var slowest = TimeSpan.Zero;
            for (var i = 0; i < Connections; i++)
                slowest = Max(slowest, await PassAsync(family, port: 7001 + i));

            TestContext.Out.WriteLine($"slowest of {Connections}: {slowest.TotalMilliseconds:0.0} ms, all within "
                + $"{Stopwatch.GetElapsedTime(killed).TotalMilliseconds:0} ms of the kill");
            Assert.That(slowest, Is.LessThan(AtOnce));
            Assert.That(Client.Counter("MPTcpExtMPCapableSYNACKRX"), Is.EqualTo(answers), "nobody has spoken MPTCP");
            await RequireResetAsync(relayed.Client);
            await RequireResetAsync(relayed.Server);
        }

        await Box.StartBoxAsync();

        using var served = await ConnectOverBothAccessesAsync(family);
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows, Is.EqualTo(1));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Daemon_terminated_connections_are_reset_and_new_ones_pass(AddressFamily family)
    {
        using (var relayed = await ConnectOverBothAccessesAsync(family))
        {
            Assert.That(await Box.StopBoxAsync(), Is.Zero);

            await RequireResetAsync(relayed.Client);
            await RequireResetAsync(relayed.Server);
            Assert.That(await PassAsync(family, port: 7001), Is.LessThan(AtOnce));
        }

        await Box.StartBoxAsync();
    }

    private async Task<TimeSpan> PassAsync(AddressFamily family, int port)
    {
        var watch = Stopwatch.StartNew();
        using var connection = await ConnectAsync(family, port: port);
        await connection.GreetAsync(Deadline);
        return watch.Elapsed;
    }

    /// <summary>Nobody may take the death of the daemon for the end of what the other side had to say.</summary>
    private async Task RequireResetAsync(Socket socket)
    {
        var failure = await Assert.ThrowsAsync<SocketException>(() => ByteStream.ReceiveAsync(socket, Deadline));
        Assert.That(failure!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset).Or.EqualTo(SocketError.Shutdown));
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
