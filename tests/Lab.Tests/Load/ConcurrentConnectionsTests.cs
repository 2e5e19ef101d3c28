using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Load;

/// <summary>Many connections at once, all made in the same moment and all held open together.</summary>
[NonParallelizable]
public sealed class ConcurrentConnectionsTests() : ServingLabFixture("one-proxy")
{
    private const int Count = 1000;
    private const int Port = 7000;
    private const long MemoryTolerance = 40L << 20;

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:ProxyEngine:ListenerIdleTimeout"] = "00:00:01",
            ["Middlebox:Negotiation:MaxContextsPerSource"] = $"{Count}",
        },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Connections_at_once_are_all_right_and_leave_nothing(AddressFamily family)
    {
        var process = Box.BoxProcessId!.Value;
        await HoldAsync(family, () => Box.FlowsAsync(Deadline));
        await AtRestAsync();
        var before = await Box.StatusAsync(Deadline);
        var useBefore = ProcessUse.Of(process);
        var rules = await HostState.RulesAsync(Box);

        await HoldAsync(family, async () =>
        {
            // A context is let go by the packet thread's next round, a moment after its connection has been adopted.
            await StatusWhenAsync(
                status => status.ActiveFlows == Count && status.Contexts == 0, "all are relayed, and no context is left");
            var flows = await Box.FlowsAsync(Deadline);
            Assert.That(flows.Select(flow => flow.IsMptcp), Is.All.True);
            Assert.That(flows.Select(flow => flow.Client).Distinct().Count(), Is.EqualTo(Count));
            Assert.That(ProcessUse.Of(process).Descriptors, Is.GreaterThanOrEqualTo(2 * Count));
            await Condition.WaitAsync(
                async () => (await Box.FlowsAsync(Deadline)).All(flow => flow.Subflows.Count == 2),
                Patience, "every connection has both accesses", Deadline);
        });

        await AtRestAsync();
        var after = await Box.StatusAsync(Deadline);
        var useAfter = ProcessUse.Of(process);
        TestContext.Out.WriteLine(
            $"resident {useBefore.ResidentBytes >> 20} MiB before, {useAfter.ResidentBytes >> 20} after");
        Assert.That(after.Ended("finished") - before.Ended("finished"), Is.EqualTo(Count));
        Assert.That(useAfter.Descriptors, Is.EqualTo(useBefore.Descriptors));
        Assert.That(useAfter.ResidentBytes, Is.EqualTo(useBefore.ResidentBytes).Within(MemoryTolerance));
        Assert.That(await HostState.RulesAsync(Box), Is.EqualTo(rules));
    }

    /// <summary>No contexts, no flows, and no listener, which stays open as long as it has users.</summary>
    private Task AtRestAsync() =>
        StatusWhenAsync(status => status.IsIdle && status.Listeners == 0, "the box holds nothing, not even a listener");

    /// <summary>Makes all connections, has each carry its number to the server and back, and ends them.</summary>
    private async Task HoldAsync(AddressFamily family, Func<Task> meanwhile)
    {
        using var listener = Connection.Listen(Lab, family, "legacy", Port, backlog: 4096);
        var clients = Client.InNamespace(
            () => Enumerable.Range(0, Count).Select(_ => StreamSocket.Create(family, mptcp: true)).ToList());
        var servers = new List<Socket>();
        try
        {
            var accepting = AcceptAllAsync(listener, servers);
            var address = Lab.EndpointOf("legacy", family, Port);
            await Task.WhenAll(clients.Select(client => client.ConnectAsync(address, Deadline).AsTask()));
            await accepting;
            var echoing = servers.Select(EchoAsync).ToList();
            await Task.WhenAll(clients.Select(AskAsync));
            await meanwhile();
            clients.ForEach(client => client.Shutdown(SocketShutdown.Send));
            await Task.WhenAll(echoing);
            servers.ForEach(server => server.Dispose());
            var ends = await Task.WhenAll(clients.Select(client => ByteStream.ReceiveAsync(client, Deadline)));
            Assert.That(ends.Select(end => end.Length), Is.All.Zero);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
            servers.ForEach(server => server.Dispose());
        }
    }

    private async Task AcceptAllAsync(Socket listener, List<Socket> servers)
    {
        while (servers.Count < Count)
            servers.Add(await listener.AcceptAsync(Deadline));
    }

    private async Task EchoAsync(Socket server)
    {
        var buffer = new byte[sizeof(int)];
        for (int count; (count = await server.ReceiveAsync(buffer, Deadline)) > 0;)
            await server.SendAsync(buffer.AsMemory(0, count), Deadline);
    }

    private async Task AskAsync(Socket client, int number)
    {
        var request = BitConverter.GetBytes(number);
        await client.SendAsync(request, Deadline);
        var answer = new byte[request.Length];
        for (var received = 0; received < answer.Length;)
        {
            var count = await client.ReceiveAsync(answer.AsMemory(received), Deadline);
            Assert.That(count, Is.Positive, $"connection {number}");
            received += count;
        }
        Assert.That(answer, Is.EqualTo(request), $"connection {number}");
    }
}
