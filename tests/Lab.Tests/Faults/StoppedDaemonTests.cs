using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>The daemon stands still: new connections do not wait for it, and when it goes on, so does what it relays.</summary>
[TestFixture("one-proxy")]
[TestFixture("one-explicit")]
public sealed class StoppedDaemonTests(string topology) : ServingLabFixture(topology)
{
    private const int Connections = 10;

    // A second until nothing is queued any more; a SYN that is held back is repeated after one and after three seconds.
    private static readonly TimeSpan FirstToPass = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(800);

    // A SYN that was held back goes on late, and nobody answers it any more.
    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:Negotiation:ServerTimeout"] = "00:00:02",
            ["Middlebox:Negotiation:ClientTimeout"] = "00:00:02",
        },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Daemon_stopped_new_connections_pass_unproxied_and_are_served_when_it_goes_on(AddressFamily family)
    {
        using var relayed = await ConnectAsync(family);
        await relayed.GreetAsync(Deadline);
        await FlowAsync();

        foreach (var box in Boxes)
            await ProcessState.StopAsync(box.BoxProcessId!.Value, Patience, Deadline);
        try
        {
            var first = await PassAsync(family, port: 7001);
            List<TimeSpan> others = [];
            for (var i = 0; i < Connections; i++)
                others.Add(await PassAsync(family, port: 7002 + i));
            others.Sort();
            TestContext.Out.WriteLine(
                $"the first passed after {first.TotalMilliseconds:0} ms, {Connections} more within {others[0].TotalMilliseconds:0.0} to"
                + $" {others[^1].TotalMilliseconds:0.0} ms each");
            Assert.That(first, Is.LessThan(FirstToPass));
            Assert.That(others[Connections / 2], Is.LessThan(AtOnce));
        }
        finally
        {
            foreach (var box in Boxes)
                ProcessControl.Send(box.BoxProcessId!.Value, ProcessSignal.Continue);
        }

        await relayed.GreetAsync(Deadline);
        var served = (await Box.StatusAsync(Deadline)).TotalFlows;
        await Condition.WaitAsync(
            async () =>
            {
                await PassAsync(family, port: 7001);
                return (await Box.StatusAsync(Deadline)).TotalFlows > served;
            },
            Patience, "new connections are served again", Deadline);
    }

    /// <summary>Waits until the box relays the connection.</summary>
    private Task FlowAsync() => Condition.WaitAsync(
        async () => (await Box.FlowsAsync(Deadline)).Count == 1, Patience, "the box relays the connection", Deadline);

    private async Task<TimeSpan> PassAsync(AddressFamily family, int port)
    {
        var watch = Stopwatch.StartNew();
        using var connection = await ConnectAsync(family, port: port);
        await connection.GreetAsync(Deadline);
        return watch.Elapsed;
    }
}
