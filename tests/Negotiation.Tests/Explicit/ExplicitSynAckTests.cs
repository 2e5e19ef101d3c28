using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Tests.Claims;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests.Explicit;

/// <summary>The rows of the explicit scheme about SYN/ACKs, and a mode that changes between SYN and SYN/ACK.</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class ExplicitSynAckTests(string client, string server)
{
    private readonly ExplicitBench _bench = new(client, server, Operator.Settings());

    private NegotiatorBench Box => _bench.Box;

    [Test]
    public void SynAck_WithMpCapable_NoClaim_Releases()
    {
        Box.Decide(Box.MptcpSyn());
        Assert.That(Box.Decide(Box.CapableSynAck()), Is.EqualTo(Decision.Forward(Reason.ServerCapable)));
        Box.AssertEnded(Reason.ServerCapable);
    }

    [Test]
    public void SynAck_WithMpCapable_ClaimOfAnother_ReleasesAndSaysSo()
    {
        Box.Decide(Box.MptcpSyn());
        Assert.That(Box.Decide(_bench.ClaimedSynAck(Operator.RolledKeys)), Is.EqualTo(Decision.Forward(Reason.OtherProxyActed)));
        Box.AssertEnded(Reason.OtherProxyActed);
    }

    [Test]
    public void SynAck_WithMpCapable_ClaimOfAStranger_StrippedCountedAndReleased()
    {
        Box.Decide(Box.MptcpSyn());
        Assert.That(
            Box.Decide(_bench.ClaimedSynAck(Operator.Stranger)),
            Is.EqualTo(Decision.Forward(Reason.ServerCapable, SegmentEdits.RemoveClaim)));
        Box.AssertEnded(Reason.ServerCapable);
        Assert.That(_bench.Claims(Reason.ClaimRejected), Is.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void SynAck_WithMpCapable_Bit_CountsWhereUnsignedOnesDo(bool acceptUnsigned)
    {
        var bench = new ExplicitBench(client, server, Operator.Settings(acceptUnsigned: acceptUnsigned));
        bench.Box.Decide(bench.Box.MptcpSyn());
        var expected = acceptUnsigned
            ? Decision.Forward(Reason.OtherProxyActed)
            : Decision.Forward(Reason.ServerCapable, SegmentEdits.RemoveClaim);
        Assert.That(bench.Box.Decide(bench.Box.SynAck().MpCapable(1UL, ExplicitBench.WithP)), Is.EqualTo(expected));
    }

    [Test]
    public void SynAck_NoContext_ClaimsAreNotLookedAt()
    {
        Assert.That(Box.Decide(_bench.ClaimedSynAck(Operator.Stranger)), Is.EqualTo(Decision.Forward(Reason.NoContext)));
        Assert.That(_bench.Claims(Reason.ClaimRejected), Is.Zero);
    }

    [Test]
    public void SynAck_Legacy_Acts_TheHandshakeKnowsTheClaim()
    {
        var decision = Act();
        Assert.That(decision.Reason, Is.EqualTo(Reason.ServerLegacy));
        Assert.That(decision.Handshake!.Claim, Is.EqualTo(new ProxyClaim(Operator.FirstProxy, 4)));
    }

    [Test]
    public void OwnSynAck_Claimed_GetsAClaimThatTheClientCanCheck()
    {
        Act();
        var decision = _bench.DecideOwn(_bench.OwnSynAck());
        Assert.That(decision.Reason, Is.EqualTo(Reason.OwnSynAck));
        Assert.That(decision.Edits, Is.EqualTo(SegmentEdits.AppendClaim));

        var bytes = decision.Claim.Bytes.ToArray();
        Assert.That(bytes[..4], Is.EqualTo(new byte[] { 30, 8, 0xFC, Operator.OldKeyId }));
        TcpPacket.Read(_bench.OwnSynAck().Option(bytes).Build(), out var synAck);
        Assert.That(SynAckClaims.Verify(in synAck, Operator.RolledKeys, acceptUnsigned: false, out var claim), Is.True);
        Assert.That(claim, Is.EqualTo(new ProxyClaim(Operator.FirstProxy, 4)));
        Assert.That(_bench.DecideOwn(_bench.OwnSynAck()), Is.EqualTo(decision), "repeated");
    }

    [Test]
    public void OwnSynAck_Claimed_BitCarrier_GetsTheBit()
    {
        var bench = new ExplicitBench(client, server, Operator.Settings(carrier: ClaimCarrier.CapableBit, isSigned: false));
        bench.Box.Act();
        Assert.That(
            bench.DecideOwn(bench.OwnSynAck()), Is.EqualTo(Decision.Forward(Reason.OwnSynAck, SegmentEdits.SetClaimBit)));
    }

    [Test]
    public void OwnSynAck_TheKernelFellBack_StaysAsItIs()
    {
        Act();
        Assert.That(_bench.DecideOwn(Box.SynAck().Mss(1460)), Is.EqualTo(Decision.Forward(Reason.NoContext)));
    }

    [Test]
    public void OwnSynAck_OfAConnectionThatWasNotClaimed_StaysAsItIs()
    {
        Assert.That(_bench.DecideOwn(_bench.OwnSynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)));
        var box = new NegotiatorBench(client, server);
        box.Act();
        TcpPacket.Read(_bench.OwnSynAck().Build(), out var synAck);
        Assert.That(box.Negotiator.DecideOwn(in synAck), Is.EqualTo(Decision.Forward(Reason.NoContext)));
    }

    [Test]
    public void ModeSwitch_ExplicitToImplicit_FinishesAsItBegan()
    {
        var claimed = Box.Decide(Box.MptcpSyn());
        Switch(null);
        Assert.That(Box.Decide(Box.MptcpSyn()), Is.EqualTo(claimed with { Reason = Reason.RepeatedSyn }));
        Assert.That(Box.Decide(Box.SynAck()).Handshake!.Claim, Is.Not.Null);
        Assert.That(_bench.DecideOwn(_bench.OwnSynAck()).Reason, Is.EqualTo(Reason.OwnSynAck));
    }

    [Test]
    public void ModeSwitch_ExplicitToImplicit_ClaimOfAnotherIsStillUnderstood()
    {
        Box.Decide(Box.MptcpSyn());
        Switch(null);
        Assert.That(Box.Decide(_bench.ClaimedSynAck(Operator.Keys)).Reason, Is.EqualTo(Reason.OtherProxyActed));
    }

    [Test]
    public void ModeSwitch_ImplicitToExplicit_FinishesAsItBegan()
    {
        var settings = Box.Negotiator.State.Explicit;
        Switch(null);
        Assert.That(Box.Decide(Box.MptcpSyn()), Is.EqualTo(Decision.Forward(Reason.Served)));
        Switch(settings);
        Assert.That(Box.Decide(Box.MptcpSyn()), Is.EqualTo(Decision.Forward(Reason.RepeatedSyn)));
        Assert.That(Box.Decide(Box.SynAck()).Handshake!.Claim, Is.Null);
        Assert.That(_bench.DecideOwn(_bench.OwnSynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)));
    }

    [Test]
    public void KeysRolled_BetweenSynAndItsRepetition_TheClaimStaysTheSame()
    {
        var claimed = Box.Decide(Box.MptcpSyn());
        Switch(Operator.Settings() with { Keys = Operator.RolledKeys, Preference = 7 });
        Assert.That(Box.Decide(Box.MptcpSyn()), Is.EqualTo(claimed with { Reason = Reason.RepeatedSyn }));
        Assert.That(_bench.Box.Decide(Box.MptcpSyn(7)).Claim.Bytes[3], Is.EqualTo(Operator.NewKeyId), "a new connection");
    }

    private void Switch(ExplicitSettings? settings) => Box.Negotiator.State = Box.Negotiator.State with { Explicit = settings };

    private Decision Act()
    {
        Box.Decide(Box.MptcpSyn());
        return Box.Decide(Box.SynAck());
    }
}
