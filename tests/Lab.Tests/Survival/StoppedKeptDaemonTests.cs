using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>The daemon stands still under its keeper: new connections pass at once, and it is replaced if it does so for too long.</summary>
/// <remarks>MIDDLEBOX_QUIET=1 asks for the hundred milliseconds, which a machine has to be quiet for.</remarks>
public sealed class StoppedKeptDaemonTests() : KeptBoxFixture("one-proxy")
{
    private const int Connections = 10;

    // Less than what a SYN waits that is repeated, a second; on a machine that does nothing else, what is promised.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(Environment.GetEnvironmentVariable("MIDDLEBOX_QUIET") == "1" ? 100 : 800);

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Daemon_stopped_new_connections_pass_at_once_and_are_served_when_it_goes_on(AddressFamily family)
    {
        using var relayed = await ConnectOverBothAccessesAsync(family);
        var daemon = Box.DaemonProcessId!.Value;
        List<TimeSpan> passed = [];

        await StopDaemonAsync();
        try
        {
            for (var i = 0; i < Connections; i++)
                passed.Add(await PassAsync(family, port: 7001 + i));
        }
        finally
        {
            ProcessControl.Send(daemon, ProcessSignal.Continue);
        }

        TestContext.Out.WriteLine(
            $"the first passed after {passed[0].TotalMilliseconds:0} ms, the slowest of {Connections - 1} more after {passed.Skip(1).Max().TotalMilliseconds:0} ms");
        Assert.That(passed.Max(), Is.LessThan(AtOnce));
        await relayed.GreetAsync(Deadline);
        var served = (await Box.StatusAsync(Deadline)).TotalFlows;
        // As soon as it takes packets again: it may need a while for those that have waited.
        await Condition.WaitAsync(
            async () =>
            {
                await PassAsync(family, port: 7099);
                return (await Box.StatusAsync(Deadline)).TotalFlows > served;
            },
            Patience, "new connections are served again", Deadline);
        Assert.That(Box.BoxLog, Does.Contain("takes no packets from queue"));
    }

    [Test]
    public async Task Daemon_stopped_for_too_long_is_replaced_and_transfers_arrive_byte_exact()
    {
        using var up = new Transfer(await ConnectAsync(AddressFamily.InterNetwork), TimeSpan.FromMilliseconds(20), Deadline);
        using var down = new Transfer(await ConnectAsync(AddressFamily.InterNetworkV6, port: 7001), TimeSpan.FromMilliseconds(20), Deadline);
        await Condition.WaitAsync(() => up.Received > 0 && down.Received > 0, Patience, "the transfers go on", Deadline);
        var watch = Stopwatch.StartNew();

        await StopDaemonAsync();

        await NextDaemonAsync();
        var seen = (Up: up.Received, Down: down.Received);
        await Condition.WaitAsync(() => up.Received > seen.Up && down.Received > seen.Down, Patience, "the transfers go on", Deadline);
        TestContext.Out.WriteLine($"relayed again {watch.Elapsed.TotalSeconds:0.0} s after the daemon was stopped");
        Assert.That(Box.BoxLog, Does.Contain("has stood still for too long"));
        await up.FinishAsync();
        await down.FinishAsync();
    }

    private async Task<TimeSpan> PassAsync(AddressFamily family, int port)
    {
        var watch = Stopwatch.StartNew();
        using var connection = await ConnectAsync(family, port: port);
        await connection.GreetAsync(Deadline);
        return watch.Elapsed;
    }
}
