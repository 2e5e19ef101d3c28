using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Middlebox.Appliance.Commands.Lab.Experiments.Selection;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>The mode changes under load by a change of the configuration's file: no connection notices.</summary>
public sealed class ModeSwitchTests() : ReloadLabFixture("two-explicit")
{
    private const int Switches = 20;
    private const int PerSecond = 500;
    private const int Batch = 25;
    private const int Port = 7000;

    protected override LabHost Box => Lab["p1"];

    protected override TimeSpan TestTimeout => TimeSpan.FromMinutes(2);

    // One subflow for each connection: joins are not what this is about, and cost as much again.
    protected override Topology Adapt(Topology shipped)
    {
        var adapted = base.Adapt(shipped);
        return adapted with
        {
            Hosts = [.. adapted.Hosts.Select(host => host.Name == "client" ? host with { Mptcp = null } : host)],
        };
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Twenty_switches_under_load_no_connection_fails(AddressFamily family)
    {
        var boxes = Boxes.ToList();
        var before = await Task.WhenAll(boxes.Select(box => box.StatusAsync(Deadline)));
        using var echo = new EchoServers(Legacy, [family], [Port]);
        using var enough = new CancellationTokenSource();
        var failures = new ConcurrentQueue<string>();
        var watch = Stopwatch.StartNew();
        var load = Task.Run(() => LoadAsync(family, failures, enough.Token));

        for (var i = 0; i < Switches; i++)
        {
            var mode = i % 2 == 0 ? "Implicit" : "Explicit";
            foreach (var box in boxes)
                await ReloadAsync(box, section => section["Mode"] = mode);
            Assert.That((await Box.StatusAsync(Deadline)).Mode, Is.EqualTo(mode).IgnoreCase);
        }

        await enough.CancelAsync();
        var connections = await load;
        var rate = connections / watch.Elapsed.TotalSeconds;
        await TestContext.Out.WriteLineAsync($"{connections} connections, {rate:0} per second, {failures.Count} failed");
        Assert.That(failures, Is.Empty);
        var after = await Task.WhenAll(boxes.Select(box => IdleAsync(box)));
        Assert.That(after.Sum(status => status.TotalFlows) - before.Sum(status => status.TotalFlows), Is.EqualTo(connections));
        Assert.That(after.Sum(status => status.Claims("claimed")), Is.GreaterThan(before.Sum(status => status.Claims("claimed"))));
        Assert.That(after[0].Released("serverCapable"), Is.GreaterThan(before[0].Released("serverCapable")), "the implicit mode served some");
        Assert.That(rate, Is.GreaterThan(PerSecond / 2));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task A_running_connection_outlives_the_switch(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);
        await connection.GreetAsync(Deadline);
        foreach (var mode in new[] { "Implicit", "Explicit" })
        {
            foreach (var box in Boxes)
                await ReloadAsync(box, section => section["Mode"] = mode);
            await connection.GreetAsync(Deadline);
        }

        Assert.That((await Lab["p1"].FlowsAsync(Deadline)).Single().Claim, Is.EqualTo(((int, int)?)(1, 4)));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task A_connection_in_negotiation_finishes_under_the_mode_that_it_began_with(AddressFamily family)
    {
        using var listener = Connection.Listen(Lab, family, "legacy", Port);
        using var capture = new HandshakeCapture(Client);
        using var client = Client.CreateTcpSocket(family, mptcp: true);
        await Lab.CutAsync("legacy", Deadline);
        var connecting = client.ConnectAsync(Lab.EndpointOf("legacy", family, Port), Deadline);
        await StatusWhenAsync(status => status.Contexts == 1, "the SYN is claimed", Lab["p1"]);

        await ReloadAsync(Lab["p1"], section => section["Mode"] = "Implicit");
        await Lab.RestoreAsync("legacy", Deadline);
        await connecting;

        var synAck = await capture.SynAckAsync(((IPEndPoint)client.LocalEndPoint!).Port, Deadline);
        Assert.That(synAck.Claim, Has.Length.EqualTo(SignedClaim.SynAckLength));
        Assert.That((await FlowAsync(subflows: 1)).Claim, Is.EqualTo(((int, int)?)(1, 4)));
    }

    /// <summary>Opens connections at an even pace until it is enough, and returns how many when all have ended.</summary>
    private async Task<int> LoadAsync(AddressFamily family, ConcurrentQueue<string> failures, CancellationToken enough)
    {
        var server = Lab.EndpointOf("legacy", family, Port);
        var connections = new List<Task>();
        var watch = Stopwatch.StartNew();
        while (!enough.IsCancellationRequested)
        {
            var due = (int)(watch.Elapsed.TotalSeconds * PerSecond);
            while (connections.Count < due)
            {
                var sockets = Client.InNamespace(() => Enumerable.Range(0, Batch)
                    .Select(_ => Native.Namespaces.StreamSocket.Create(family, mptcp: true)).ToList());
                connections.AddRange(sockets.Select(socket => ExchangeAsync(socket, server, failures)));
            }

            await Task.Delay(5, CancellationToken.None);
        }

        await Task.WhenAll(connections);
        return connections.Count;
    }

    private async Task ExchangeAsync(Socket socket, IPEndPoint server, ConcurrentQueue<string> failures)
    {
        using (socket)
        {
            try
            {
                var buffer = new byte[] { 1 };
                await socket.ConnectAsync(server, Deadline);
                await socket.SendAsync(buffer, Deadline);
                if (await socket.ReceiveAsync(buffer, Deadline) != 1)
                    failures.Enqueue("ended early");
            }
            catch (Exception failure) when (failure is SocketException or OperationCanceledException)
            {
                failures.Enqueue(failure.Message);
            }
        }
    }
}
