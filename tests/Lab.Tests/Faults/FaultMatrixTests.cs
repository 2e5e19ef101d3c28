using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>What networks do to packets, on all links around the box at once: every byte arrives, once and in order.</summary>
/// <remarks>
/// The bytes are compared, not the ends of the streams: Linux 6.18 sometimes never repeats a DATA_FIN that was lost, between
/// two stock peers as well.
/// </remarks>
[TestFixtureSource(nameof(Cases))]
public sealed class FaultMatrixTests(string fault, AddressFamily family) : ServingLabFixture("one-proxy")
{
    private static readonly string[] Faults =
    [
        "loss 1 %", "loss 10 %", "loss 30 %", "loss in bursts", "reordered", "duplicated", "delay that varies", "MTU 1280", "MTU 9000", "Wi-Fi flaps",
    ];

    private static readonly string[] Links = ["wifi", "lte", "legacy"];

    private static readonly EndEmulation Calm = new() { Delay = TimeSpan.FromMilliseconds(2) };

    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(40);

    /// <summary>A lab for each: with so much loss, what a test has left may take minutes to end.</summary>
    private static IEnumerable<TestFixtureData> Cases() =>
        from fault in Faults
        from family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }
        select new TestFixtureData(fault, family);

    /// <summary>
    /// How many connections try at once; the first to arrive suffices. With much loss TCP itself may take minutes for a segment, by its back-off, and at 30 %
    /// every second attempt does.
    /// </summary>
    private int AtOnce => fault switch { "loss 30 %" => 12, "loss 10 %" or "loss in bursts" => 4, _ => 1 };

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(90);

    // As much as comes through in some seconds.
    private long Amount => fault == "loss 30 %" ? 30_000 : 1_000_000;

    protected override Topology Adapt(Topology shipped)
    {
        var changed = fault switch
        {
            "loss 1 %" => Lossy(0.01),
            "loss 10 %" => Lossy(0.1),
            "loss 30 %" => Lossy(0.3),
            "loss in bursts" => Emulated(Calm with { BurstLoss = new BurstLoss(0.02, 3, 0.7) }),
            "reordered" => Emulated(Calm with { Reorder = 0.1 }),
            "duplicated" => Emulated(Calm with { Duplicate = 0.1 }),
            "delay that varies" => Emulated(Calm with { Jitter = TimeSpan.FromMilliseconds(5) }),
            "MTU 1280" => Narrow(1280),
            "MTU 9000" => Narrow(9000),
            "Wi-Fi flaps" => Change(shipped, "wifi", end => end with { Emulation = Flapping() }),
            _ => throw new ArgumentOutOfRangeException(fault),
        };
        return changed.WithInsistentClient();

        Topology Lossy(double share) => Links.Aggregate(shipped, (topology, link) => Change(topology, link, end => end with { Loss = share }));
        Topology Emulated(EndEmulation emulation) =>
            Links.Aggregate(shipped, (topology, link) => Change(topology, link, end => end with { Emulation = emulation }));
        Topology Narrow(int bytes) => Links.Append("backhaul").Aggregate(shipped, (topology, link) => topology.WithMtu(link, bytes));
        Topology Change(Topology topology, string link, Func<LinkEnd, LinkEnd> change) => topology with
        {
            Links = [.. topology.Links.Select(old => old.Name == link ? old with { Left = change(old.Left), Right = change(old.Right) } : old)],
        };
    }

    [Test]
    public async Task Transfers_both_ways_at_once_arrive_byte_exact()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        patience.CancelAfter(Patient);
        var attempts = Enumerable.Range(7000, AtOnce).Select(port => TransferAsync(port, patience.Token)).ToList();
        var arrived = false;
        while (!arrived && attempts.Count > 0)
        {
            var ended = await Task.WhenAny(attempts);
            attempts.Remove(ended);
            arrived = await ended;
        }

        await patience.CancelAsync();
        await Task.WhenAll(attempts);
        Assert.That(arrived, $"none of {AtOnce} within {Patient.TotalSeconds} s");
        await StatusWhenAsync(status => status.TotalFlows > 0, "the box has relayed it");
    }

    /// <summary>False if it was told to end before.</summary>
    private async Task<bool> TransferAsync(int port, CancellationToken patience)
    {
        try
        {
            using var connection = await InsistAsync(port, patience);
            var up = ByteStream.ReceiveAsync(connection.Server, patience, atMost: Amount);
            var down = ByteStream.ReceiveAsync(connection.Client, patience, atMost: Amount);
            try
            {
                var sent = await Task.WhenAll(
                    ByteStream.SendAsync(connection.Client, Amount, patience), ByteStream.SendAsync(connection.Server, Amount, patience));
                Assert.That(await up, Is.EqualTo(sent[0]));
                Assert.That(await down, Is.EqualTo(sent[1]));
                return true;
            }
            finally
            {
                Connection.Reset(connection.Client);
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// Neighbours are asked for three times only, which may all be lost. And a client that is connected and says nothing does not hear that its last segment
    /// of the handshake is lost: the server repeats its own at ever longer intervals, or gives up.
    /// </summary>
    private async Task<Connection> InsistAsync(int port, CancellationToken patience)
    {
        while (true)
        {
            try
            {
                return await Connection.OpenAsync(Lab, family, "legacy", patience, port: port);
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.HostUnreachable)
            {
                patience.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Down for 300 ms of every second.</summary>
    private static EndEmulation Flapping() => Calm with
    {
        Timeline =
        [
            .. Enumerable.Range(1, 30).SelectMany(second => new[]
            {
                new TimelineStep(TimeSpan.FromSeconds(second)) { Up = false },
                new TimelineStep(TimeSpan.FromSeconds(second + 0.3)) { Up = true },
            }),
        ],
    };
}
