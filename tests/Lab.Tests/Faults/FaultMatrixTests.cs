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
[TestFixture("loss 1 %")]
[TestFixture("loss 10 %")]
[TestFixture("loss 30 %")]
[TestFixture("loss in bursts")]
[TestFixture("reordered")]
[TestFixture("duplicated")]
[TestFixture("delay that varies")]
[TestFixture("MTU 1280")]
[TestFixture("MTU 9000")]
[TestFixture("Wi-Fi flaps")]
public sealed class FaultMatrixTests(string fault) : ServingLabFixture("one-proxy")
{
    private static readonly string[] Links = ["wifi", "lte", "legacy"];

    private static readonly EndEmulation Calm = new() { Delay = TimeSpan.FromMilliseconds(2) };

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(18);

    private int Attempts => fault switch { "loss 30 %" => 4, "loss 10 %" or "loss in bursts" => 2, _ => 1 };

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(140);

    // The reset by which a client ends its connection may be lost as well.
    protected override TimeSpan IdlePatience => TimeSpan.FromSeconds(60);

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

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Transfers_both_ways_at_once_arrive_byte_exact(AddressFamily family)
    {
        // With so much loss TCP itself may take minutes for a segment, by its back-off: then another connection is tried.
        for (var attempt = 1; !await TryTransferAsync(family); attempt++)
            Assert.That(attempt, Is.LessThan(Attempts), $"{fault}: too slow every time");
        var status = await StatusWhenAsync(status => status.TotalFlows > 0, "the box has relayed it");
        TestContext.Out.WriteLine($"{fault}: {status.TotalFlows} relayed");
    }

    /// <summary>False if it took too long.</summary>
    private async Task<bool> TryTransferAsync(AddressFamily family)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        patience.CancelAfter(AttemptTimeout);
        using var connection = await InsistAsync(family, patience.Token);
        if (connection is null)
            return false;
        var up = ByteStream.ReceiveAsync(connection.Server, patience.Token, atMost: Amount);
        var down = ByteStream.ReceiveAsync(connection.Client, patience.Token, atMost: Amount);
        try
        {
            var sent = await Task.WhenAll(
                ByteStream.SendAsync(connection.Client, Amount, patience.Token), ByteStream.SendAsync(connection.Server, Amount, patience.Token));
            Assert.That(await up, Is.EqualTo(sent[0]));
            Assert.That(await down, Is.EqualTo(sent[1]));
            return true;
        }
        catch (OperationCanceledException) when (!Deadline.IsCancellationRequested)
        {
            TestContext.Out.WriteLine($"{fault}: an attempt took more than {AttemptTimeout.TotalSeconds} s");
            return false;
        }
        finally
        {
            Connection.Reset(connection.Client);
        }
    }

    /// <summary>
    /// Neighbours are asked for three times only, which may all be lost. And a client that is connected and says nothing does not hear that its last segment
    /// of the handshake is lost: the server repeats its own at ever longer intervals, or gives up. Null if it took too long.
    /// </summary>
    private async Task<Connection?> InsistAsync(AddressFamily family, CancellationToken patience)
    {
        while (true)
        {
            try
            {
                return await Connection.OpenAsync(Lab, family, "legacy", patience);
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.HostUnreachable)
            {
                Deadline.ThrowIfCancellationRequested();
            }
            catch (OperationCanceledException) when (!Deadline.IsCancellationRequested)
            {
                TestContext.Out.WriteLine($"{fault}: no connection within {AttemptTimeout.TotalSeconds} s");
                return null;
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
