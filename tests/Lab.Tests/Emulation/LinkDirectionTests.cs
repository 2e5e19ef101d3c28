using FsCheck;
using FsCheck.Fluent;
using Middlebox.Lab.Emulation;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Emulation;

/// <summary>What becomes of packets, on invented clocks: no devices, no waiting.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LinkDirectionTests
{
    private const long Millisecond = 1_000_000;
    private const int Full = 1500;

    private static readonly LinkRate TwelveMegabits = new(12_000_000);

    [Test]
    public void Delay_PacketArrivesThatMuchLater()
    {
        var direction = Direction(new LinkBehaviour { Delay = TimeSpan.FromMilliseconds(20) });

        Assert.That(Send(direction, 5 * Millisecond), Is.EqualTo((PacketFate.Delivered, 25 * Millisecond)));
    }

    [Test]
    public void Rate_PacketsLeaveOneAfterTheOther()
    {
        var direction = Direction(new LinkBehaviour { Rate = TwelveMegabits, Delay = TimeSpan.FromMilliseconds(3) });

        // 1500 bytes at 12 Mbit/s take a millisecond.
        Assert.That(
            Enumerable.Range(0, 3).Select(_ => Send(direction, 0).Arrival), Is.EqualTo(new[] { 4 * Millisecond, 5 * Millisecond, 6 * Millisecond }));
        Assert.That(Send(direction, 10 * Millisecond).Arrival, Is.EqualTo(14 * Millisecond));
    }

    [Test]
    public void Rate_ChangesInTheMiddleOfAPacket_BothCount()
    {
        var direction = Direction(
            new LinkBehaviour { Rate = TwelveMegabits }, new TimelineStep(TimeSpan.FromMilliseconds(1.5)) { Rate = new LinkRate(1_200_000) });
        direction.Start(0);

        Send(direction, 0);

        // Half of the second packet goes out in half a millisecond, the other half in five.
        Assert.That(Send(direction, 0).Arrival, Is.EqualTo(6.5 * Millisecond));
    }

    [Test]
    public void Queue_Full_NextPacketIsLost()
    {
        var direction = Direction(new LinkBehaviour { Rate = TwelveMegabits, Queue = 2 });

        Assert.That(Enumerable.Range(0, 3).Select(_ => Send(direction, 0).Fate),
            Is.EqualTo(new[] { PacketFate.Delivered, PacketFate.Delivered, PacketFate.QueueFull }));
        Assert.That(Send(direction, Millisecond).Fate, Is.EqualTo(PacketFate.Delivered), "one has left");
    }

    [Test]
    public void Down_SentWaitingAndLeavingPacketsAreLost_ThoseOnTheWayArrive()
    {
        var direction = Direction(
            new LinkBehaviour { Rate = TwelveMegabits, Delay = TimeSpan.FromMilliseconds(20) },
            new TimelineStep(TimeSpan.FromMilliseconds(1.5)) { Up = false },
            new TimelineStep(TimeSpan.FromMilliseconds(10)) { Up = true });
        direction.Start(0);

        Assert.That(Send(direction, 0), Is.EqualTo((PacketFate.Delivered, 21 * Millisecond)), "leaves before, arrives after");
        Assert.That(Send(direction, 0).Fate, Is.EqualTo(PacketFate.LinkDown), "would leave at 2 ms");
        Assert.That(Send(direction, 5 * Millisecond).Fate, Is.EqualTo(PacketFate.LinkDown));
        Assert.That(Send(direction, 10 * Millisecond), Is.EqualTo((PacketFate.Delivered, 31 * Millisecond)));
    }

    [Test]
    public void Timeline_NotStarted_NothingChanges_StartedAgain_BeginsAnew()
    {
        var direction = Direction(new LinkBehaviour(), new TimelineStep(TimeSpan.FromMilliseconds(1)) { Up = false });

        Assert.That(Send(direction, 500 * Millisecond).Fate, Is.EqualTo(PacketFate.Delivered));
        direction.Start(500 * Millisecond);
        Assert.That(Send(direction, 501 * Millisecond).Fate, Is.EqualTo(PacketFate.LinkDown));
        direction.Start(600 * Millisecond);
        Assert.That(Send(direction, 600 * Millisecond).Fate, Is.EqualTo(PacketFate.Delivered));
    }

    [Test]
    public void Reorder_HeldPacket_IsOvertaken()
    {
        var direction = Direction(new LinkBehaviour { Reorder = 0.1 });
        var arrivals = Enumerable.Range(0, 10_000).Select(i => Send(direction, i * Millisecond / 10).Arrival).ToList();

        Assert.That(arrivals.Zip(arrivals.Skip(1)).Count(pair => pair.First > pair.Second) / 10_000.0, Is.EqualTo(0.09).Within(0.02));
    }

    [Test]
    public void Duplicate_ShareOfPacketsArrivesTwice()
    {
        var direction = Direction(new LinkBehaviour { Duplicate = 0.2 });
        var doubled = Enumerable.Range(0, 10_000).Count(i =>
        {
            direction.Send(i * Millisecond, Full, out _, out var isDoubled);
            return isDoubled;
        });

        Assert.That(doubled / 10_000.0, Is.EqualTo(0.2).Within(0.02));
    }

    [TestCase(0.01)]
    [TestCase(0.3)]
    public void Loss_ShareOfPacketsIsLost(double share)
    {
        var direction = Direction(new LinkBehaviour { Loss = share });

        Assert.That(Lost(direction, 50_000).Average(lost => lost ? 1 : 0), Is.EqualTo(share).Within(0.1 * share));
    }

    [TestCase(0.02, 8, 1)]
    [TestCase(0.1, 20, 0.5)]
    public void BurstLoss_ShareIsLost_InBurstsOfThatLength(double share, int packets, double density)
    {
        var lost = Lost(Direction(new LinkBehaviour { BurstLoss = new BurstLoss(share, packets, density) }), 400_000);

        Assert.That(lost.Average(one => one ? 1 : 0), Is.EqualTo(share).Within(0.15 * share));
        // After a lost packet, the next is lost if the bad state lasts and its density strikes.
        var again = lost.Zip(lost.Skip(1)).Where(pair => pair.First).Average(pair => pair.Second ? 1 : 0);
        Assert.That(again, Is.EqualTo(density * (1 - (1.0 / packets))).Within(0.05));
    }

    [Test]
    public void Seed_Same_LosesTheSamePackets_Other_LosesOthers()
    {
        static List<bool> Run(int seed) => Lost(Direction(new LinkBehaviour { Loss = 0.5 }, seed: seed), 100);

        var (first, again, other) = (Run(7), Run(7), Run(8));

        Assert.That(again, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));
    }

    [Test]
    public void Jitter_OrderIsKept_DelayStaysWithinIt() => Prop.ForAll(
        Gen.Choose(0, 3 * (int)Millisecond).NonEmptyListOf().Where(gaps => gaps.Count > 1).ToArbitrary(),
        gaps =>
        {
            var direction = Direction(
                new LinkBehaviour { Delay = TimeSpan.FromMilliseconds(10), Jitter = TimeSpan.FromMilliseconds(30) }, seed: gaps.Count);
            var (now, last) = (0L, 0L);
            foreach (var gap in gaps)
            {
                now += gap;
                var arrival = Send(direction, now).Arrival;
                Assert.That(arrival - now, Is.InRange(10 * Millisecond, 40 * Millisecond));
                Assert.That(arrival, Is.GreaterThanOrEqualTo(last));
                last = arrival;
            }
        }).QuickCheckThrowOnFailure();

    [Test]
    public void Rate_WhateverIsSent_CarriesNoMoreAndWhenBusyNoLess() => Prop.ForAll(
        Gen.Choose(40, Full).NonEmptyListOf().ToArbitrary(),
        Gen.Choose(8_000, 1_000_000_000).ToArbitrary(),
        (lengths, bitsPerSecond) =>
        {
            var direction = Direction(new LinkBehaviour { Rate = new LinkRate(bitsPerSecond), Queue = int.MaxValue });
            var last = lengths.Select(length => Send(direction, 0, length).Arrival).ToList()[^1];
            var exact = lengths.Sum() * 8.0 * LinkClock.Second / bitsPerSecond;
            Assert.That(last, Is.EqualTo(exact).Within(2));
        }).QuickCheckThrowOnFailure();

    [Test]
    public void Packet_Settled_AllocatesNothing()
    {
        var direction = Direction(new LinkBehaviour
        {
            Rate = TwelveMegabits,
            Loss = 0.1,
            BurstLoss = new BurstLoss(0.1, 4),
            Jitter = TimeSpan.FromMilliseconds(2),
            Reorder = 0.1,
            Duplicate = 0.1,
        });
        var line = new DelayLine();
        void Packet(int i)
        {
            if (direction.Send(i * Millisecond, Full, out var arrival, out _) == PacketFate.Delivered)
                line.Add(i, arrival);
            while (line.TryTake(i * Millisecond, out _))
            {
            }
        }

        for (var i = 0; i < 1000; i++)
            Packet(i);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1000; i < 11_000; i++)
            Packet(i);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static LinkDirection Direction(LinkBehaviour behaviour, params TimelineStep[] steps) => Direction(behaviour, 1, steps);

    private static LinkDirection Direction(LinkBehaviour behaviour, int seed, params TimelineStep[] steps)
    {
        var timeline = new BehaviourTimeline(behaviour, steps);
        return new LinkDirection(timeline, new TimelineCapacity(timeline), seed);
    }

    private static (PacketFate Fate, long Arrival) Send(LinkDirection direction, long now, int bytes = Full)
    {
        var fate = direction.Send(now, bytes, out var arrival, out _);
        return (fate, arrival);
    }

    private static List<bool> Lost(LinkDirection direction, int packets) =>
        [.. Enumerable.Range(0, packets).Select(i => Send(direction, i * Millisecond).Fate != PacketFate.Delivered)];
}
