using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Tests.Claims;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Explicit;

/// <summary>The rows of the explicit scheme about SYNs (docs/explicit.md).</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[Parallelizable(ParallelScope.All)]
public sealed class ExplicitSynTests(string client, string server)
{
    private const TcpFlags EcnSyn = TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr;

    [Test]
    public void Syn_NoClaim_Serve_ClaimedWithContext()
    {
        var bench = Bench();
        var decision = bench.Box.Decide(bench.Box.MptcpSyn());
        Assert.That(decision, Is.EqualTo(Claimed(bench, Reason.Claimed)));
        Assert.That(bench.Box.Negotiator.ContextCount, Is.EqualTo(1));
        Assert.That(bench.Claims(Reason.Claimed), Is.EqualTo(1));
        Assert.That(bench.Box.Bypassed, Is.Empty);
    }

    [Test]
    public void Syn_NoClaim_Serve_BitCarrier_BitSetWithContext()
    {
        var bench = Bench(Operator.Settings(carrier: ClaimCarrier.CapableBit, isSigned: false));
        Assert.That(
            bench.Box.Decide(bench.Box.MptcpSyn()),
            Is.EqualTo(Decision.Forward(Reason.Claimed, ExplicitBench.ClaimingByBit)));
        Assert.That(bench.Box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void Syn_NoClaim_Serve_Unsigned_6Octets()
    {
        var bench = Bench(Operator.Settings(isSigned: false));
        Assert.That(
            bench.Box.Decide(bench.Box.MptcpSyn()).Claim.Bytes.ToArray(), Is.EqualTo(new byte[] { 30, 6, 0xFC, 0, 0, 17 }));
    }

    [Test]
    public void Syn_RequestingEcn_ClaimedAndWithdrawn()
    {
        var bench = Bench();
        Assert.That(
            bench.Box.Decide(bench.Box.MptcpSyn().Flags(EcnSyn)).Edits,
            Is.EqualTo(SegmentEdits.WithdrawEcn | ExplicitBench.Claiming));
    }

    [TestCase(null, 4)]
    [TestCase(0, 0)]
    [TestCase(7, 7)]
    public void Syn_Serve_PreferenceIsTheRules_OrTheBoxs(int? ofRule, int expected)
    {
        var bench = Bench(rule: Rule(PolicyAction.Serve) with { Preference = (byte?)ofRule });
        Assert.That(bench.Box.Decide(bench.Box.MptcpSyn()).Claim.Bytes[2], Is.EqualTo(0xF8 | expected));
    }

    [TestCase(PolicyAction.Defer, Reason.PolicyDefer)]
    [TestCase(PolicyAction.Bypass, Reason.PolicyBypass)]
    public void Syn_NoClaim_NotServed_UntouchedAndNoContext(PolicyAction action, Reason reason)
    {
        var bench = Bench(rule: Rule(action));
        Assert.That(bench.Box.Decide(bench.Box.MptcpSyn().Flags(EcnSyn)), Is.EqualTo(Decision.Forward(reason)));
        bench.AssertNoContext(reason);
    }

    [Test]
    public void Syn_NoClaim_NotInShare_UntouchedAndNoContext()
    {
        var bench = Bench(rule: Rule(PolicyAction.Serve) with { Share = 0 });
        Assert.That(bench.Box.Decide(bench.Box.MptcpSyn()), Is.EqualTo(Decision.Forward(Reason.NotInShare)));
        bench.AssertNoContext(Reason.NotInShare);
    }

    [TestCase(1, null, Reason.FlowLimit)]
    [TestCase(null, 1, Reason.RateLimit)]
    [TestCase(1, 1, Reason.FlowLimit)]
    public void Syn_NoClaim_OverTheLimit_UntouchedAndNoContext(int? flows, int? perSecond, Reason reason)
    {
        var admission = new FlowAdmission(flows, perSecond, new ManualTimeProvider());
        admission.TryAdmit(out _);
        var bench = Bench(rule: Rule(PolicyAction.Serve) with { Admission = admission });
        Assert.That(bench.Box.Decide(bench.Box.MptcpSyn()), Is.EqualTo(Decision.Forward(reason)));
        bench.AssertNoContext(reason);
        Assert.That(admission.Flows, Is.EqualTo(1), "what was refused holds no place");
    }

    [Test]
    public void Syn_TableFull_UntouchedAndThePlaceIsGivenBack()
    {
        var admission = new FlowAdmission(9, null, new ManualTimeProvider());
        var bench = Bench(rule: Rule(PolicyAction.Serve) with { Admission = admission }, maxContexts: 1);
        bench.Box.Decide(bench.Box.MptcpSyn());
        var other = new NegotiatorBench(client.Replace("40000", "40001", StringComparison.Ordinal), server);
        Assert.That(bench.Box.Decide(other.MptcpSyn()), Is.EqualTo(Decision.Forward(Reason.TableFull)));
        Assert.That(admission.Flows, Is.EqualTo(1));
    }

    [TestCase(4)]
    [TestCase(5)]
    [TestCase(7)]
    public void Syn_ClaimOfTheSameOrAHigherPreference_UntouchedAndNoContext(byte preference)
    {
        var bench = Bench();
        Assert.That(bench.Box.Decide(bench.ClaimedSyn(preference)), Is.EqualTo(Decision.Forward(Reason.ClaimedByOther)));
        bench.AssertNoContext(Reason.ClaimedByOther);
        Assert.That(bench.Claims(Reason.Claimed) + bench.Claims(Reason.ClaimRejected), Is.Zero);
    }

    [TestCase(0)]
    [TestCase(3)]
    public void Syn_ClaimOfALowerPreference_ReplacedWithContext(byte preference)
    {
        var bench = Bench();
        Assert.That(bench.Box.Decide(bench.ClaimedSyn(preference)), Is.EqualTo(Claimed(bench, Reason.ClaimReplaced)));
        Assert.That(bench.Box.Negotiator.ContextCount, Is.EqualTo(1));
        Assert.That(bench.Claims(Reason.ClaimReplaced), Is.EqualTo(1));
    }

    [Test]
    public void Syn_ClaimOfALowerPreference_PolicyDefers_Untouched()
    {
        var bench = Bench(rule: Rule(PolicyAction.Defer));
        Assert.That(bench.Box.Decide(bench.ClaimedSyn(0)), Is.EqualTo(Decision.Forward(Reason.PolicyDefer)));
    }

    [Test]
    public void Syn_Claimed_WhoeverRespectsIt_TakesNoPlace()
    {
        var admission = new FlowAdmission(1, 1, new ManualTimeProvider());
        var bench = Bench(rule: Rule(PolicyAction.Serve) with { Admission = admission });
        bench.Box.Decide(bench.ClaimedSyn(7));
        Assert.That(admission.Flows, Is.Zero);
        Assert.That(bench.Box.Decide(bench.Box.MptcpSyn()).Reason, Is.EqualTo(Reason.Claimed), "nor one of the second's");
    }

    [Test]
    public void Syn_ClaimOfAStranger_StrippedCountedAndClaimed()
    {
        var bench = Bench();
        Assert.That(
            bench.Box.Decide(bench.ClaimedSyn(7, Operator.Stranger)), Is.EqualTo(Claimed(bench, Reason.Claimed)));
        Assert.That(bench.Claims(Reason.ClaimRejected), Is.EqualTo(1));
    }

    [Test]
    public void Syn_ClaimOfAStranger_PolicyDefers_StrippedAndNoContext()
    {
        var bench = Bench(rule: Rule(PolicyAction.Defer));
        Assert.That(
            bench.Box.Decide(bench.ClaimedSyn(7, Operator.Stranger)),
            Is.EqualTo(Decision.Forward(Reason.PolicyDefer, SegmentEdits.RemoveClaim)));
        bench.AssertNoContext(Reason.PolicyDefer);
        Assert.That(bench.Claims(Reason.ClaimRejected), Is.EqualTo(1));
    }

    [Test]
    public void Syn_ClaimOfAnEarlierConnection_Stripped()
    {
        var bench = Bench();
        Assert.That(
            bench.Box.Decide(bench.ClaimedSyn(7).Isn(NegotiatorBench.Isn + 1)).Reason, Is.EqualTo(Reason.Claimed));
        Assert.That(bench.Claims(Reason.ClaimRejected), Is.EqualTo(1));
    }

    [Test]
    public void Syn_ClaimByTheBit_UnsignedAccepted_UntouchedWhateverThePreference([Values(0, 4, 7)] byte preference)
    {
        var bench = Bench(Operator.Settings(preference: preference, carrier: ClaimCarrier.CapableBit, acceptUnsigned: true));
        Assert.That(bench.Box.Decide(bench.BitSyn()), Is.EqualTo(Decision.Forward(Reason.ClaimedByOther)));
    }

    [Test]
    public void Syn_ClaimByTheBit_UnsignedNotAccepted_ClearedAndClaimed()
    {
        var bench = Bench();
        Assert.That(bench.Box.Decide(bench.BitSyn()).Edits, Is.EqualTo(ExplicitBench.Claiming));
        Assert.That(bench.Claims(Reason.ClaimRejected), Is.EqualTo(1));
    }

    [Test]
    public void Syn_ForeignExperiment_LeftAlone()
    {
        var bench = Bench();
        var syn = bench.Box.MptcpSyn().Option(30, 6, 0xF0, 1, 2, 3);
        Assert.That(bench.Box.Decide(syn).Reason, Is.EqualTo(Reason.Claimed));
        Assert.That(bench.Claims(Reason.ClaimRejected), Is.Zero);
    }

    [Test]
    public void Syn_Repeated_SameClaimToTheByte()
    {
        var bench = Bench();
        var first = bench.Box.Decide(bench.Box.MptcpSyn());
        var second = bench.Box.Decide(bench.Box.MptcpSyn());
        Assert.That(second, Is.EqualTo(first with { Reason = Reason.RepeatedSyn }));
        Assert.That(bench.Claims(Reason.Claimed), Is.EqualTo(1));
    }

    [Test]
    public void Syn_RepeatedOften_LosesMpCapableAndTheClaim()
    {
        var bench = Bench();
        for (var i = 0; i <= bench.Box.Options.RepeatsWithMpCapable; i++)
            bench.Box.Decide(bench.Box.MptcpSyn());
        Assert.That(
            bench.Box.Decide(bench.Box.MptcpSyn()),
            Is.EqualTo(Decision.Forward(Reason.RepeatedSyn, NegotiatorBench.WithoutMpCapable)));
    }

    [Test]
    public void Syn_ServerDropsMptcp_MpCapableAndAnyClaimAreTakenOut()
    {
        var bench = Bench();
        bench.Box.Dropping.ReportDropped(bench.Box.Server);
        bench.Box.Dropping.ReportDropped(bench.Box.Server);
        Assert.That(
            bench.Box.Decide(bench.ClaimedSyn(7)),
            Is.EqualTo(Decision.Forward(Reason.ServerDropsMptcp, NegotiatorBench.WithoutMpCapable)));
    }

    [Test]
    public void Syn_NoRoom_TheImplicitSchemeDecides()
    {
        var bench = Bench();
        bench.Box.Decide(bench.Box.MptcpSyn());
        bench.Box.Negotiator.ForgoClaim(bench.Box.Flow);
        Assert.That(bench.Claims(Reason.NoRoomForClaim), Is.EqualTo(1));
        Assert.That(bench.Box.Decide(bench.Box.MptcpSyn()), Is.EqualTo(Decision.Forward(Reason.RepeatedSyn)), "no claim");
        var handshake = bench.Box.Decide(bench.Box.SynAck()).Handshake!;
        Assert.That(handshake.Claim, Is.Null);
        Assert.That(bench.DecideOwn(bench.OwnSynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)), "no P");
    }

    [Test]
    public void Syn_NoRoom_AnothersClaimStaysOutOfTheRepeatedSyn()
    {
        var bench = Bench();
        bench.Box.Decide(bench.ClaimedSyn(7, Operator.Stranger));
        bench.Box.Negotiator.ForgoClaim(bench.Box.Flow);
        Assert.That(
            bench.Box.Decide(bench.ClaimedSyn(7, Operator.Stranger)),
            Is.EqualTo(Decision.Forward(Reason.RepeatedSyn, SegmentEdits.RemoveClaim)));
    }

    // The kernel would not take MP_CAPABLE with the bit, so an implicit box is of no use there.
    [Test]
    public void ImplicitBox_ClaimByTheBit_Bypassed()
    {
        var box = new NegotiatorBench(client, server);
        Assert.That(box.Decide(Bench().BitSyn()), Is.EqualTo(Decision.Forward(Reason.MptcpFlagsUnsupported)));
    }

    [Test]
    public void ImplicitBox_ClaimAsOption_ServedUntouched_TheClaimDoesNotReachTheKernel()
    {
        var box = new NegotiatorBench(client, server);
        var bench = Bench();
        byte[] claim = bench.ClaimOf(7);
        var syn = PacketBuilder.Syn(client, server).Isn(NegotiatorBench.Isn).Mss(1460).Nop().Nop().Option(claim).Nop().MpCapable().Nop();
        Assert.That(box.Decide(syn), Is.EqualTo(Decision.Forward(Reason.Served)));
        var handshake = box.Decide(box.SynAck()).Handshake!;
        Assert.That(handshake.Claim, Is.Null);

        var injected = new byte[Handshake.MaximumSynLength];
        var expected = PacketBuilder.Syn(client, server).Isn(NegotiatorBench.Isn)
            .Mss(1460).Nop().Nop().Option([.. Enumerable.Repeat((byte)1, claim.Length)]).Nop().MpCapable().Nop().Build();
        Assert.That(injected[..handshake.WriteSyn(injected)], Is.EqualTo(expected), "all else stays where it is");
    }

    [Test]
    public void ClaimReplaced_NeitherCarrierReachesTheKernel()
    {
        var bench = Bench(Operator.Settings(preference: 7));
        bench.Box.Decide(bench.ClaimedSyn(1));
        AssertPlainSynInjected(bench, bench.Box.MptcpSyn(), claimLength: 14);

        bench = Bench();
        bench.Box.Decide(bench.BitSyn());
        AssertPlainSynInjected(
            bench,
            PacketBuilder.Syn(client, server).Isn(NegotiatorBench.Isn).Mss(1460).Timestamps(1, 0).MpCapable(),
            claimLength: 0);
    }

    private static void AssertPlainSynInjected(ExplicitBench bench, PacketBuilder expected, int claimLength)
    {
        var handshake = bench.Box.Decide(bench.Box.SynAck()).Handshake!;
        for (var i = 0; i < claimLength; i++)
            expected.Nop();
        var injected = new byte[Handshake.MaximumSynLength];
        Assert.That(injected[..handshake.WriteSyn(injected)], Is.EqualTo(expected.Build()));
    }

    private static PolicyRule Rule(PolicyAction action) => new(AddressPrefix.Any, AddressPrefix.Any, PortSet.Any, action);

    private static Decision Claimed(ExplicitBench bench, Reason reason) => new(
        Verdict.Forward,
        reason,
        ExplicitBench.Claiming,
        SynClaims.Write(bench.Box.Flow, NegotiatorBench.Isn, new ProxyClaim(Operator.FirstProxy, 4), Operator.Keys));

    private ExplicitBench Bench(ExplicitSettings? settings = null, PolicyRule? rule = null, int maxContexts = 16) =>
        new(client, server, settings ?? Operator.Settings(), rule, maxContexts);
}
