using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;
using Middlebox.Negotiation.Tests.Claims;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Upgrades;

[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class LegacyClientTests(string client, string server)
{
    private static readonly Decision Offered = Decision.Forward(Reason.MptcpOffered, SegmentEdits.AddMpCapable);

    private readonly NegotiatorBench _box = Bench(client, server);

    [Test]
    public void Syn_WithoutMptcp_ServerUnknown_GetsMpCapable()
    {
        Assert.That(_box.Decide(_box.PlainSyn()), Is.EqualTo(Offered));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
        Assert.That(_box.Bypassed, Is.Empty);
    }

    [Test]
    public void Syn_WithoutMptcp_NoRuleUpgrades_IsUntouched()
    {
        var box = new NegotiatorBench(client, server);
        Assert.That(box.Decide(box.PlainSyn()), Is.EqualTo(Decision.Forward(Reason.NotMptcp)));
        Assert.That(box.Negotiator.ContextCount, Is.Zero);
    }

    [Test]
    public void Syn_WithMpCapable_RuleUpgrades_IsServedAsEver()
    {
        Assert.That(_box.Decide(_box.MptcpSyn()), Is.EqualTo(Decision.Forward(Reason.Served)));
        Assert.That(_box.Decide(_box.SynAck()).Reason, Is.EqualTo(Reason.ServerLegacy));
        Assert.That(_box.Servers.Count, Is.Zero);
    }

    [Test]
    public void Syn_WithAnotherMptcpOption_IsUntouched() => Assert.That(
        _box.Decide(PacketBuilder.Syn(client, server).Option(30, 4, 0xF0, 0)), Is.EqualTo(Decision.Forward(Reason.NotMptcp)));

    [TestCase(36, true)]
    [TestCase(37, false)]
    public void Syn_WithoutMptcp_GetsMpCapableIfThereIsRoom(int optionBytes, bool hasRoom)
    {
        var syn = PacketBuilder.Syn(client, server).Option(253, (byte)optionBytes).Option(new byte[optionBytes - 2]);
        Assert.That(
            _box.Decide(syn), Is.EqualTo(hasRoom ? Offered : Decision.Forward(Reason.NoRoomForMpCapable)));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(hasRoom ? 1 : 0));
    }

    [Test]
    public void Syn_WithoutMptcp_ThatCannotBeUpgraded_IsUntouched()
    {
        Assert.That(_box.Decide(_box.PlainSyn().Payload(1)), Is.EqualTo(Decision.Forward(Reason.SynWithData)));
        Assert.That(_box.Decide(PacketBuilder.Syn(client, server).Md5()), Is.EqualTo(Decision.Forward(Reason.TcpMd5)));
        Assert.That(_box.Decide(_box.PlainSyn().FastOpenRequest()), Is.EqualTo(Decision.Forward(Reason.FastOpen)));
        Assert.That(_box.Negotiator.ContextCount, Is.Zero);
    }

    [TestCase(ServerCapability.Legacy)]
    [TestCase(ServerCapability.DropsMpCapable)]
    public void Syn_WithoutMptcp_ServerKnownNotToTakeIt_IsUntouched(ServerCapability capability)
    {
        _box.Servers.Learn(_box.Server, capability);
        Assert.That(_box.Decide(_box.PlainSyn()), Is.EqualTo(Decision.Forward(Reason.ServerKnownLegacy)));
        Assert.That(_box.Negotiator.ContextsCreated, Is.Zero);
    }

    [Test]
    public void SynAck_WithoutMpCapable_ServerIsLegacy_NothingIsKept()
    {
        _box.Decide(_box.PlainSyn());
        Assert.That(_box.Decide(_box.SynAck()), Is.EqualTo(Decision.Forward(Reason.OfferDeclined)));
        _box.AssertEnded(Reason.OfferDeclined);
        Assert.That(_box.Servers.Find(_box.Server), Is.EqualTo(ServerCapability.Legacy));
        Assert.That(_box.Decide(_box.PlainSyn(5)).Reason, Is.EqualTo(Reason.ServerKnownLegacy));
    }

    [Test]
    public void SynAck_WithMpCapable_ServerIsCapable_IsDialledAnew()
    {
        _box.Decide(_box.PlainSyn());
        var decision = _box.Decide(_box.CapableSynAck());
        Assert.That((decision.Verdict, decision.Reason), Is.EqualTo((Verdict.Redial, Reason.ServerProvedCapable)));
        Assert.That(decision.Handshake!.IsDialled, Is.True);
        Assert.That(_box.Servers.Find(_box.Server), Is.EqualTo(ServerCapability.Capable));
    }

    // Bit B is a proxy's, and makes Linux take the option for none.
    [Test]
    public void SynAck_WithMpCapable_OfFlagsThatTheKernelRefuses_ServerCountsAsLegacy()
    {
        _box.Decide(_box.PlainSyn());
        var answer = _box.SynAck().Mss(1460).MpCapable(0x0102030405060708UL, MpCapableFlags.HmacSha256 | MpCapableFlags.Extensibility);
        Assert.That(_box.Decide(answer), Is.EqualTo(Decision.Forward(Reason.OfferDeclined)));
        _box.AssertEnded(Reason.OfferDeclined);
        Assert.That(_box.Servers.Find(_box.Server), Is.EqualTo(ServerCapability.Legacy));
    }

    // A claim would keep the box at the other end of the bonded links from acting.
    [Test]
    public void Syn_WithoutMptcp_ExplicitMode_GetsMpCapableAndNoClaim()
    {
        var box = Bench(client, server, settings: Operator.Settings());
        Assert.That(box.Decide(box.PlainSyn()), Is.EqualTo(Offered));
        Assert.That(box.Decide(box.CapableSynAck()).Handshake!.Claim, Is.Null);
        Assert.That(Enum.GetValues<Reason>().Sum(reason => box.Negotiator.Claims[reason]), Is.Zero);
    }

    [Test]
    public void SynAck_OfAnEarlierSyn_TeachesNothing()
    {
        _box.Decide(PacketBuilder.Syn(client, server).Isn(NegotiatorBench.Isn).Timestamps(100, 0));
        Assert.That(_box.Decide(_box.SynAck().Timestamps(7, 99)).Reason, Is.EqualTo(Reason.EarlierSynAnswered));
        Assert.That(_box.Servers.Count, Is.Zero);
    }

    [Test]
    public void SynAck_OnlyToTheSynWithoutMpCapable_ServerDropsIt()
    {
        _box.Decide(_box.PlainSyn());
        _box.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_box.Decide(_box.PlainSyn()), Is.EqualTo(Decision.Forward(Reason.RepeatedSyn, SegmentEdits.AddMpCapable)));
        _box.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(_box.Decide(_box.PlainSyn()), Is.EqualTo(Decision.Forward(Reason.RepeatedSyn)));
        Assert.That(_box.Decide(_box.SynAck()).Reason, Is.EqualTo(Reason.MpCapableDropped));
        Assert.That(_box.Servers.Find(_box.Server), Is.EqualTo(ServerCapability.DropsMpCapable));
        _box.AssertEnded(Reason.MpCapableDropped);
    }

    // A path that sends every packet more than once: the server had no time to answer the first.
    [Test]
    public void SynAck_AfterCopiesOfTheSyn_ProvesNothing()
    {
        for (var i = 0; i < 3; i++)
            _box.Decide(_box.PlainSyn());
        Assert.That(_box.Decide(_box.SynAck()).Reason, Is.EqualTo(Reason.MpCapableDropped));
        Assert.That(_box.Servers.Count, Is.Zero);
    }

    [Test]
    public void Reset_AnswersTheOffer_ClientIsRefusedAndNothingIsLearnt()
    {
        _box.Decide(_box.PlainSyn());
        Assert.That(_box.Decide(_box.Refusal()), Is.EqualTo(Decision.Forward(Reason.ServerRefused)));
        _box.AssertEnded(Reason.ServerRefused);
        Assert.That(_box.Servers.Count, Is.Zero);
    }

    [Test]
    public void Syn_WithoutMptcp_ServerKnownCapable_IsDialled()
    {
        var handshake = Dial();
        Assert.That(handshake.IsDialled, Is.True);
        Assert.That(handshake.Flow, Is.EqualTo(_box.Flow));
        var syn = new byte[Handshake.MaximumSynLength];
        Assert.That(syn[..handshake.WriteSyn(syn)], Is.EqualTo(_box.PlainSyn().Build()), "the client's own SYN");
    }

    [Test]
    public void Syn_Repeated_WhileDialling_IsHeldBack()
    {
        Dial();
        Assert.That(_box.Decide(_box.PlainSyn()), Is.EqualTo(new Decision(Verdict.Discard, Reason.RepeatedSyn)));
        Assert.That(_box.Decide(_box.SynAck()).Verdict, Is.EqualTo(Verdict.Discard), "of an attempt before");
    }

    [Test]
    public void Syn_OtherIsn_WhileDialling_GivesTheDialUpAndBeginsAnother()
    {
        var first = Dial();
        var decision = _box.Decide(_box.PlainSyn(NegotiatorBench.Isn + 7));
        Assert.That(decision.Verdict, Is.EqualTo(Verdict.Dial));
        Assert.That(first.Outcome, Is.EqualTo(Reason.ReplacedBySyn));
        Assert.That(_box.Sweep(), Is.EqualTo(new[] { first }));
        Assert.That(_box.Negotiator.DecideDialled(first, DialOutcome.Mptcp), Is.EqualTo(Verdict.Discard));
    }

    [Test]
    public void Dial_SpeaksMptcp_ClientIsAnswered()
    {
        var handshake = Dial();
        Assert.That(_box.Negotiator.DecideDialled(handshake, DialOutcome.Mptcp), Is.EqualTo(Verdict.Act));
        Assert.That(_box.Decide(_box.PlainSyn()).Verdict, Is.EqualTo(Verdict.Divert), "the own kernel answers a repetition");
        handshake.TrySettle(Reason.Adopted);
        Assert.That(_box.Sweep(), Is.Empty);
        _box.AssertEnded(Reason.Adopted);
        Assert.That(_box.Servers.Find(_box.Server), Is.EqualTo(ServerCapability.Capable));
    }

    [Test]
    public void Dial_FallsBackToTcp_ClientIsAnsweredAndTheServerForgotten()
    {
        var handshake = Dial();
        Assert.That(_box.Negotiator.DecideDialled(handshake, DialOutcome.Tcp), Is.EqualTo(Verdict.Act));
        Assert.That(_box.Servers.Find(_box.Server), Is.EqualTo(ServerCapability.Unknown));
        Assert.That(_box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [Reason.DialFellBack] = 1 }));
    }

    [Test]
    public void Dial_Fails_ClientsSynGoesOnAndTheServerIsForgotten()
    {
        var handshake = Dial();
        Assert.That(_box.Negotiator.DecideDialled(handshake, DialOutcome.Failed), Is.EqualTo(Verdict.Forward));
        _box.Negotiator.StayOut(handshake, Reason.DialFailed);
        _box.AssertEnded(Reason.DialFailed);
        Assert.That(_box.Decide(_box.PlainSyn(5)), Is.EqualTo(Offered));
    }

    [Test]
    public void Dial_Unanswered_IsGivenUpAndTheServerForgotten()
    {
        var handshake = Dial();
        _box.Time.Advance(_box.Options.ServerTimeout);
        Assert.That(_box.Sweep(), Is.EqualTo(new[] { handshake }));
        _box.AssertEnded(Reason.DialUnanswered);
        Assert.That(_box.Servers.Count, Is.Zero);
    }

    [Test]
    public void Dial_AnsweredClientVanishes_IsGivenUp()
    {
        var handshake = Dial();
        _box.Negotiator.DecideDialled(handshake, DialOutcome.Mptcp);
        _box.Time.Advance(_box.Options.ClientTimeout);
        Assert.That(_box.Sweep(), Is.EqualTo(new[] { handshake }));
        _box.AssertEnded(Reason.ClientVanished);
    }

    [Test]
    public void Dial_BoxStops_IsGivenUp()
    {
        var handshake = Dial();
        Assert.That(_box.Stop(), Is.EqualTo(new[] { handshake }));
        _box.AssertEnded(Reason.Stopped);
    }

    [Test]
    public void Dials_AreBoundedLikeHandshakesThatWaitForTheirClients()
    {
        var box = Bench(client, server, new NegotiationOptions { MaxHalfOpen = 1 });
        box.Servers.Learn(box.Server, ServerCapability.Capable);
        box.Decide(box.PlainSyn());
        var other = HostEndpoint.Parse(client);
        var second = PacketBuilder.Syn(new HostEndpoint(other.Address, new PortNumber(40_001)).ToString(), server);
        Assert.That(box.Decide(second), Is.EqualTo(Decision.Forward(Reason.HalfOpenLimit)));
        Assert.That(box.Negotiator.ContextCount, Is.EqualTo(1));

        box.Time.Advance(NegotiationOptions.Grace);
        Assert.That(box.Decide(second).Verdict, Is.EqualTo(Verdict.Dial));
        box.AssertReleased(Reason.Displaced);
    }

    [Test]
    public void Rule_LimitsTheFlowsThatAreDialled()
    {
        var time = new ManualTimeProvider();
        var admission = new FlowAdmission(1, null, time);
        var box = Bench(client, server, admission: admission);
        box.Servers.Learn(box.Server, ServerCapability.Capable);
        var handshake = box.Decide(box.PlainSyn()).Handshake!;
        Assert.That(admission.Flows, Is.EqualTo(1));
        box.Negotiator.StayOut(handshake, Reason.DialUnavailable);
        Assert.That(admission.Flows, Is.Zero);
        admission.TryAdmit(out _);
        Assert.That(box.Decide(box.PlainSyn(5)), Is.EqualTo(Decision.Forward(Reason.FlowLimit)));
        Assert.That((box.Negotiator.ContextCount, admission.Flows), Is.EqualTo((0, 1)));
    }

    private Handshake Dial()
    {
        _box.Servers.Learn(_box.Server, ServerCapability.Capable);
        var decision = _box.Decide(_box.PlainSyn());
        Assert.That((decision.Verdict, decision.Reason), Is.EqualTo((Verdict.Dial, Reason.ServerKnownCapable)));
        return decision.Handshake!;
    }

    private static NegotiatorBench Bench(
        string client, string server, NegotiationOptions? options = null, FlowAdmission? admission = null, ExplicitSettings? settings = null)
    {
        var rule = PolicyRule.ForEverything(PolicyAction.Serve) with { UpgradeClients = true, Admission = admission };
        return new NegotiatorBench(client, server, options, policy: new PolicyTable([rule], PolicyAction.Serve), settings: settings);
    }
}
