using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.History;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class DecisionHistoryTests
{
    private static readonly FlowKey Flow = new(HostEndpoint.Parse("198.18.1.2:1000"), HostEndpoint.Parse("198.18.9.2:80"));

    private readonly ManualTimeProvider _time = new();
    private readonly byte[] _buffer = new byte[DecisionHistory.MaximumPacketLength];

    [Test]
    public void Decision_IsReadAsItWasAdded()
    {
        var history = new DecisionHistory(4, _time);
        _time.Advance(TimeSpan.FromSeconds(3));
        var syn = PacketBuilder.LinuxMptcpSyn("198.18.1.2:1000", "198.18.9.2:80").Build();
        Add(history, syn, new Decision(Verdict.Forward, Reason.Served, SegmentEdits.WithdrawEcn));
        Assert.That(history.TryRead(0, out var record, _buffer, out var length), Is.True);
        Assert.That(record, Is.EqualTo(new DecisionRecord
        {
            Time = TimeSpan.TicksPerSecond * 3,
            Flow = Flow,
            Segment = TcpFlags.Syn,
            Verdict = Verdict.Forward,
            Reason = Reason.Served,
            Edits = SegmentEdits.WithdrawEcn,
            PacketLength = (ushort)syn.Length,
        }));
        Assert.That(length, Is.Zero, "nobody keeps packets");
    }

    [Test]
    public void SynAck_IsOfTheFlowOfItsSyn()
    {
        var history = new DecisionHistory(4, _time);
        Add(history, PacketBuilder.SynAck("198.18.9.2:80", "198.18.1.2:1000").Build(), Decision.Forward(Reason.ServerCapable));
        Assert.That(history.Find(_ => true).Single().Flow, Is.EqualTo(Flow));
    }

    [Test]
    public void Join_IsRememberedWithItsToken()
    {
        var history = new DecisionHistory(4, _time);
        Add(history, PacketBuilder.Syn("198.18.1.2:1000", "198.18.9.2:80").MpJoin(0xABCD).Build(), Decision.Forward(Reason.ForeignJoin));
        Assert.That(history.Find(_ => true).Single().Token, Is.EqualTo(0xABCD));
    }

    [TestCase(Reason.NoContext)]
    [TestCase(Reason.NotHandshake)]
    public void SegmentOfAnUnknownConnection_LeavesNothing(Reason reason)
    {
        var history = new DecisionHistory(4, _time);
        Add(history, PacketBuilder.SynAck("198.18.9.2:80", "198.18.1.2:1000").Build(), Decision.Forward(reason));
        Assert.That(history.Written, Is.Zero);
    }

    [Test]
    public void Full_ForgetsTheOldest()
    {
        var history = new DecisionHistory(3, _time);
        Assert.That(history.Capacity, Is.EqualTo(4));
        for (var port = 1; port <= 6; port++)
            history.AddEnd(FlowWithPort(port), Reason.Unanswered);
        Assert.That(history.Find(_ => true).Select(record => (int)record.Flow.Client.Port.Value), Is.EqualTo(new[] { 3, 4, 5, 6 }));
        Assert.That(history.TryRead(1, out _, [], out _), Is.False);
    }

    [Test]
    public void Packet_IsKeptWhileSomebodyWantsIt_AndNotBefore()
    {
        var history = new DecisionHistory(8, _time);
        var syn = PacketBuilder.LinuxMptcpSyn("198.18.1.2:1000", "198.18.9.2:80").Build();
        void AddOne() => Add(history, syn, Decision.Forward(Reason.Served));
        AddOne();
        history.KeepPackets();
        AddOne();
        Assert.That(PacketOf(history, 0), Is.Empty);
        Assert.That(PacketOf(history, 1), Is.EqualTo(syn));
        history.ForgoPackets();
        AddOne();
        history.KeepPackets();
        Assert.That(PacketOf(history, 1), Is.Empty, "it was kept for somebody who has gone");
        Assert.That(PacketOf(history, 2), Is.Empty);
    }

    [Test]
    public void Packet_LongerThanTheRoom_IsCut()
    {
        var history = new DecisionHistory(1, _time);
        history.KeepPackets();
        var syn = PacketBuilder.LinuxMptcpSyn("198.18.1.2:1000", "198.18.9.2:80").Payload(new byte[500]).Build();
        Add(history, syn, Decision.Forward(Reason.SynWithData));
        Assert.That(PacketOf(history, 0), Is.EqualTo(syn[..DecisionHistory.MaximumPacketLength]));
        Assert.That(history.Find(_ => true).Single().PacketLength, Is.EqualTo(syn.Length));
    }

    // All parts of what is read must be of one decision, however fast they come: here they all hold the same number.
    [Test]
    public void Reader_BesideAWriter_SeesNothingTorn()
    {
        const int Decisions = 2_000_000;
        var history = new DecisionHistory(8, _time);
        var reading = Task.Run(() =>
        {
            var read = 0;
            for (var number = 0L; number < Decisions;)
            {
                var end = history.Written;
                for (number = Math.Max(number, end - history.Capacity); number < end; number++)
                {
                    if (!history.TryRead(number, out var record, [], out _))
                        continue;
                    read++;
                    var port = (int)record.Flow.Client.Port.Value;
                    if (port != number % 60_000 || record.Flow.Server.Port.Value != port || record.Reason != ReasonOf(port))
                        return (read, torn: true);
                }
            }

            return (read, torn: false);
        });
        for (var i = 0; i < Decisions; i++)
        {
            var port = i % 60_000;
            history.AddEnd(FlowWithPort(port), ReasonOf(port));
        }

        var (read, torn) = reading.GetAwaiter().GetResult();
        Assert.That(torn, Is.False);
        Assert.That(read, Is.Positive);
    }

    private static Reason ReasonOf(int port) => (Reason)(1 + (port % 40));

    private static FlowKey FlowWithPort(int port) => new(
        Flow.Client with { Port = new PortNumber((ushort)port) }, Flow.Server with { Port = new PortNumber((ushort)port) });

    private static void Add(DecisionHistory history, byte[] packet, Decision decision)
    {
        Assert.That(TcpPacket.Read(packet, out var segment), Is.EqualTo(PacketDefect.None));
        history.Add(in segment, in decision);
    }

    private byte[] PacketOf(DecisionHistory history, long number)
    {
        Assert.That(history.TryRead(number, out _, _buffer, out var length), Is.True);
        return _buffer[..length];
    }
}
