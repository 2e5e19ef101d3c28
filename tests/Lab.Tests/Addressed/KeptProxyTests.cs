using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>A connection on which the proxy acts goes on when the daemon of a kept proxy dies, and the next daemon acts again.</summary>
public sealed class KeptProxyTests : AddressedFixture
{
    private const string Serving = "Serving as";
    private const long Amount = 1_000_000;

    protected override LabOptions Options => new() { KeepBoxes = true };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Killed_daemon_loses_no_connection_of_a_legacy_server(AddressFamily family)
    {
        var daemons = Proxy.BoxLog.Split(Serving).Length;
        using var connection = await ConnectAsync(family, "legacy");
        await connection.GreetAsync(Deadline);
        await FlowAsync(subflows: 2);
        ProcessControl.Send(Proxy.DaemonProcessId!.Value, ProcessSignal.Kill);
        await Condition.WaitAsync(() => Proxy.BoxLog.Split(Serving).Length == daemons + 1, Patience, "the next daemon serves", Deadline);

        Assert.That((await FlowAsync(subflows: 2)).Reason, Is.EqualTo("namedServerLegacy"));
        await AssertBytesArriveAsync(connection.Client, connection.Server, Amount);
        await AssertBytesArriveAsync(connection.Server, connection.Client, Amount);

        using var next = await ConnectAsync(family, "legacy", port: 7001);
        await next.GreetAsync(Deadline);
        await Condition.WaitAsync(
            async () => (await Proxy.FlowsAsync(Deadline)).Count(flow => flow.Subflows.Count == 2) == 2, Patience, "the next one has two subflows, too", Deadline);
    }
}
