using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Transfers;

/// <summary>
/// Every link loses one packet in twenty, so that in so many connections every segment of the handshakes is lost at one
/// time or another: SYN, SYN/ACK and ACK on both sides of the box, and MP_JOIN.
/// </summary>
/// <remarks>
/// The bytes are compared, not the ends of the streams: Linux 6.18 sometimes never repeats a DATA_FIN that was lost, between
/// two stock peers as well. A flow may therefore outlive its test, and each family has a lab of its own.
/// </remarks>
[TestFixture(AddressFamily.InterNetwork)]
[TestFixture(AddressFamily.InterNetworkV6)]
public sealed class LossyPathTests(AddressFamily family) : ServingLabFixture("one-proxy")
{
    private const int Count = 200;
    private const int Amount = 20_000;
    private const double Loss = 0.05;
    private const int Port = 7000;

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    protected override LabOptions Options => new()
    {
        Losses = new Dictionary<string, double> { ["wifi"] = Loss, ["lte"] = Loss, ["legacy"] = Loss },
    };

    protected override Topology Adapt(Topology shipped) => shipped.WithInsistentClient();

    [Test]
    public async Task Loss_on_every_link_all_connections_are_byte_exact()
    {
        var before = await IdleAsync();
        using var listener = Connection.Listen(Lab, family, "legacy", Port, backlog: 4096);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        var serving = ServeAsync(listener, stop.Token);

        await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => ExchangeAsync()));

        await stop.CancelAsync();
        await serving;
        var after = await StatusWhenAsync(
            status => status.Contexts == 0, "the box keeps no context", patience: TimeSpan.FromSeconds(40));
        var served = after.TotalFlows - before.TotalFlows;
        var gaveUp = after.Released("clientGaveUpMptcp") - before.Released("clientGaveUpMptcp")
            + after.Released("mpCapableDropped") - before.Released("mpCapableDropped")
            + after.Bypassed("serverDropsMptcp") - before.Bypassed("serverDropsMptcp");
        TestContext.Out.WriteLine($"{served} of {Count} relayed, {gaveUp} without MPTCP");
        Assert.That(served + gaveUp, Is.GreaterThanOrEqualTo(Count));
        Assert.That(served, Is.GreaterThan(Count / 2));
    }

    /// <summary>Sends to the server, which sends the same back, and compares.</summary>
    private async Task ExchangeAsync()
    {
        using var socket = Client.CreateTcpSocket(family, mptcp: true);
        await socket.ConnectAsync(Lab.EndpointOf("legacy", family, Port), Deadline);
        var receiving = ByteStream.ReceiveAsync(socket, Deadline, atMost: Amount);
        var sent = await ByteStream.SendAsync(socket, Amount, Deadline);
        Assert.That(await receiving, Is.EqualTo(sent));
    }

    private static async Task ServeAsync(Socket listener, CancellationToken stop)
    {
        var clients = new List<Task>();
        try
        {
            while (true)
                clients.Add(EchoAsync(await listener.AcceptAsync(stop), stop));
        }
        catch (OperationCanceledException)
        {
            // All clients are done.
        }
        await Task.WhenAll(clients);
    }

    private static async Task EchoAsync(Socket client, CancellationToken stop)
    {
        using (client)
        {
            var buffer = new byte[Amount];
            for (var left = Amount; left > 0;)
            {
                var count = await client.ReceiveAsync(buffer.AsMemory(0, left), stop);
                Assert.That(count, Is.Positive, "bytes that the server has not received");
                for (var rest = buffer.AsMemory(0, count); rest.Length > 0;)
                    rest = rest[await client.SendAsync(rest, stop)..];
                left -= count;
            }
        }
    }
}
