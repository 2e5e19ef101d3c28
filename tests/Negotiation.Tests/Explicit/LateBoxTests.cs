using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Tests.Claims;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Explicit;

/// <summary>
/// Two boxes, of which the second begins to hold contexts between a client's SYN and its repetition: it has been switched to the other scheme, was
/// told another policy, or has just been started. The first one has acted by then.
/// </summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class LateBoxTests
{
    private const string Client = "198.18.1.2:40000";
    private const string Server = "198.18.9.2:80";

    private readonly NegotiatorBench _near = new(Client, Server, settings: Operator.Settings(Operator.FirstProxy));
    private readonly NegotiatorBench _far = new(Client, Server, settings: Operator.Settings(Operator.SecondProxy));

    // The repetition was under way when the server's answer to the first SYN passed it.
    [Test]
    public void BothSwitched_RepetitionCrossesTheAnswer_OnlyTheFirstActs_AndNobodyIsReset()
    {
        var first = Pass(_near, Syn(1000));
        Pass(_far, first);
        _near.Negotiator.State = _near.Negotiator.State with { Explicit = null };
        _far.Negotiator.State = _far.Negotiator.State with { Explicit = null };
        var repetition = Pass(_near, Syn(2000));

        Assert.That(_far.Decide(SynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)));
        var handshake = _near.Decide(SynAck()).Handshake!;
        Assert.That(handshake.TrySettle(Reason.Adopted), Is.True);
        _near.Sweep();

        Pass(_far, repetition);
        // RFC 7323 section 4.3: what is repeated echoes what the connection began with.
        Assert.That(_far.Decide(SynAck()), Is.EqualTo(Decision.Forward(Reason.EarlierSynAnswered)));
        _far.Time.Advance(_far.Options.ClientTimeout * 2);
        Assert.That(_far.Sweep(), Is.Empty, "a connection that lives would be reset");
        Assert.That(_far.Negotiator.ContextCount, Is.Zero);
    }

    [Test]
    public void SecondServesAnotherPolicyNow_RepetitionCrossesTheAnswer_OnlyTheFirstActs()
    {
        var deferring = _far.Negotiator.State with { Policy = new PolicyTable([], PolicyAction.Defer), Explicit = null };
        var serving = deferring with { Policy = new PolicyTable([], PolicyAction.Serve) };
        _near.Negotiator.State = _near.Negotiator.State with { Explicit = null };
        _far.Negotiator.State = deferring;
        _far.Decide(Pass(_near, Syn(1000)));
        var repetition = Pass(_near, Syn(2000));
        Assert.That(_near.Decide(SynAck()).Verdict, Is.EqualTo(Verdict.Act));

        _far.Negotiator.State = serving;
        Assert.That(_far.Decide(repetition).Reason, Is.EqualTo(Reason.Served));
        Assert.That(_far.Decide(SynAck()).Verdict, Is.EqualTo(Verdict.Forward));
    }

    private static byte[] Pass(NegotiatorBench box, byte[] syn)
    {
        var decision = box.Decide(syn);
        Assert.That(decision.Verdict, Is.EqualTo(Verdict.Forward));
        if ((decision.Edits & SegmentEdits.AppendClaim) == 0)
            return syn;
        TcpPacket.Read(syn, out var segment);
        var timestamp = HandshakeOptions.Read(segment.Options).TimestampValue;
        return LinuxSyn(timestamp).Option(decision.Claim.Bytes).Build();
    }

    private static byte[] Syn(uint timestamp) => LinuxSyn(timestamp).Build();

    private static PacketBuilder LinuxSyn(uint timestamp) => PacketBuilder.Syn(Client, Server).Isn(NegotiatorBench.Isn)
        .Mss(1460).SackPermitted().Timestamps(timestamp, 0).Nop().WindowScale(7).MpCapable();

    private PacketBuilder SynAck() => _near.SynAck().Mss(1460).Timestamps(7, 1000);
}
