using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Middlebox.Appliance.Control;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Load;

/// <summary>Many connections one after the other leave nothing behind.</summary>
[NonParallelizable]
public sealed class SequentialConnectionsTests() : ServingLabFixture("one-proxy")
{
    private const int Total = 20_000;
    private const int WarmUp = 2_000;
    private const int Workers = 8;
    private const int Port = 7000;

    // The server's kernel looks its sockets up without a lock, as the box's does, and may miss one in the moment in which it is replaced:
    // it then resets the connection, with a box on the way or without.
    private const int LostByTheServersKernel = 1;

    // 2 KiB for each connection; the smallest leak of a flow with its legs is larger.
    private const long MemoryTolerance = 40L << 20;

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(120);

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:ProxyEngine:ListenerIdleTimeout"] = "00:00:01",
            ["Middlebox:ProxyEngine:ClientAbsence"] = "00:00:01",
        },
    };

    protected override Topology Adapt(Topology shipped) =>
        shipped.With("client", "net.ipv4.ip_local_port_range", "1024 65000");

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Connections_in_sequence_are_all_right_and_leave_nothing(AddressFamily family)
    {
        using var server = new EchoServer(Lab, family, "legacy", Port, Workers * 2);
        var process = Box.BoxProcessId!.Value;
        Run(family, WarmUp);
        await AtRestAsync();
        var before = await Box.StatusAsync(Deadline);
        var useBefore = ProcessUse.Of(process);
        var rules = await HostState.RulesAsync(Box);
        var served = server.Served;

        var watch = Stopwatch.StartNew();
        var failures = Run(family, Total);
        var elapsed = watch.Elapsed;

        try
        {
            await AtRestAsync();
        }
        catch (TimeoutException)
        {
            // What the kernel says of a connection that has not ended.
            foreach (var host in new[] { Box, Client, Legacy })
                TestContext.Out.WriteLine($"{host.Name}:\n{(await host.RunAsync("ss", "-tanMieO", "not", "state", "time-wait")).Output}");
            TestContext.Out.WriteLine((await Box.BoxFlowsAsync(Deadline)).ToString());
            throw;
        }

        var after = await Box.StatusAsync(Deadline);
        var useAfter = ProcessUse.Of(process);
        TestContext.Out.WriteLine($"{Total} in {elapsed.TotalSeconds:0.0} s, {Total / elapsed.TotalSeconds:0}/s; resident "
            + $"{useBefore.ResidentBytes >> 20} MiB before, {useAfter.ResidentBytes >> 20} after");
        foreach (var failure in failures)
            TestContext.Out.WriteLine($"{failure}\n{after}");
        var resetByServer = after.Ended("serverReset") - before.Ended("serverReset");
        Assert.That(resetByServer, Is.LessThanOrEqualTo(LostByTheServersKernel));
        Assert.That(failures, Has.Count.EqualTo(resetByServer), "the box lost none");
        Assert.That(after.TotalFlows - before.TotalFlows, Is.EqualTo(Total), $"every connection was relayed: {after}");
        Assert.That(server.Served - served, Is.EqualTo(Total - resetByServer));
        Assert.That(useAfter.Descriptors, Is.EqualTo(useBefore.Descriptors));
        Assert.That(useAfter.ResidentBytes, Is.EqualTo(useBefore.ResidentBytes).Within(MemoryTolerance));
        Assert.That(await HostState.RulesAsync(Box), Is.EqualTo(rules));
    }

    /// <summary>No contexts, no flows, and no listener, which stays open as long as it has users.</summary>
    private Task AtRestAsync() =>
        StatusWhenAsync(status => status.IsIdle && status.Listeners == 0, "the box holds nothing, not even a listener");

    /// <summary>Runs the connections on some threads, each one connection at a time, and returns what went wrong.</summary>
    private List<string> Run(AddressFamily family, int count)
    {
        var server = Lab.EndpointOf("legacy", family, Port);
        var failures = new List<string>();
        var next = 0;
        var workers = Enumerable.Range(0, Workers).Select(_ => Task.Factory.StartNew(
            () => Client.InNamespace(() =>
            {
                int number;
                while ((number = Interlocked.Increment(ref next)) <= count && !Deadline.IsCancellationRequested)
                    Exchange(family, server, number, failures);
                return true;
            }),
            Deadline, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        Task.WaitAll(workers, Deadline);
        return failures;
    }

    private void Exchange(AddressFamily family, IPEndPoint server, int number, List<string> failures)
    {
        var phase = "connecting";
        EndPoint? client = null;
        var watch = Stopwatch.StartNew();
        try
        {
            using var socket = StreamSocket.Create(family, mptcp: true);
            socket.Connect(server);
            client = socket.LocalEndPoint;
            Span<byte> buffer = [(byte)number];
            phase = "sending";
            socket.Send(buffer);
            phase = "receiving";
            var received = socket.Receive(buffer);
            if (received != 1 || buffer[0] != EchoServer.Answer((byte)number))
                throw new InvalidDataException($"received {received} bytes");
        }
        catch (Exception failure) when (failure is SocketException or InvalidDataException)
        {
            // At once, because the box remembers so many decisions only.
            var seen = client is null ? "" : ControlClient.AskAsync(Box.BoxControlSocket, $"{ControlProtocol.Explain} {client} {server}", Deadline).Result;
            lock (failures)
                failures.Add($"connection {number} of {client}, {phase} after {watch.Elapsed}: {failure.Message}\n{seen}");
        }
    }
}
