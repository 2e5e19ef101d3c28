using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests;

[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class SynTests(string client, string server)
{
    private const TcpFlags EcnSyn = TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr;

    private readonly NegotiatorBench _box = new(client, server);

    [Test]
    public void Syn_WithMpCapable_NoContext_CreatesOne()
    {
        Assert.That(_box.Decide(_box.MptcpSyn()), Is.EqualTo(new Decision(Verdict.Forward, Reason.Served)));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
        Assert.That(_box.Negotiator.ContextsCreated, Is.EqualTo(1));
        Assert.That(_box.Bypassed, Is.Empty);
    }

    [Test]
    public void Syn_Repeated_LosesMpCapableAfterTheConfiguredRepeats([Values(0, 1, 3, 10)] int repeats)
    {
        var box = new NegotiatorBench(client, server, new NegotiationOptions { RepeatsWithMpCapable = repeats });
        box.Decide(box.MptcpSyn());
        for (var i = 0; i < repeats; i++)
            Assert.That(box.Decide(box.MptcpSyn()), Is.EqualTo(new Decision(Verdict.Forward, Reason.RepeatedSyn)));
        for (var i = 0; i < 3; i++)
        {
            Assert.That(
                box.Decide(box.MptcpSyn()),
                Is.EqualTo(Decision.Forward(Reason.RepeatedSyn, NegotiatorBench.WithoutMpCapable)));
        }

        Assert.That(box.Negotiator.ContextCount, Is.EqualTo(1));
        Assert.That(box.Negotiator.ContextsCreated, Is.EqualTo(1));
    }

    [Test]
    public void Syn_Repeated_ServerTimeoutStartsAnew()
    {
        _box.Decide(_box.MptcpSyn());
        _box.Time.Advance(_box.Options.ServerTimeout * 0.9);
        _box.Decide(_box.MptcpSyn());
        _box.Time.Advance(_box.Options.ServerTimeout * 0.9);
        _box.Sweep();
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void Syn_OtherIsn_AwaitingServer_Replaces()
    {
        const uint Other = NegotiatorBench.Isn + 7;
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.MptcpSyn(Other)), Is.EqualTo(new Decision(Verdict.Forward, Reason.Served)));

        _box.AssertReleased(Reason.ReplacedBySyn);
        Assert.That(_box.Decide(_box.SynAck()).Reason, Is.EqualTo(Reason.AcknowledgmentMismatch));
        var decision = _box.Decide(_box.SynAck(Other));
        Assert.That(decision.Verdict, Is.EqualTo(Verdict.Act));
        Assert.That(decision.Handshake!.ClientIsn, Is.EqualTo(Other));
    }

    [Test]
    public void Syn_OtherIsn_RepeatsAreCountedAnew()
    {
        var box = new NegotiatorBench(client, server, new NegotiationOptions { RepeatsWithMpCapable = 0 });
        box.Decide(box.MptcpSyn());
        Assert.That(box.Decide(box.MptcpSyn()).Edits, Is.EqualTo(NegotiatorBench.WithoutMpCapable));
        Assert.That(box.Decide(box.MptcpSyn(5)).Verdict, Is.EqualTo(Verdict.Forward));
        Assert.That(box.Decide(box.SynAck(5)).Verdict, Is.EqualTo(Verdict.Act), "MP_CAPABLE was not removed from this one");
    }

    [Test]
    public void Syn_OtherIsn_AwaitingClient_ReplacesAndGivesTheHandshakeUp()
    {
        var handshake = _box.Act();
        Assert.That(_box.Decide(_box.MptcpSyn(5)).Reason, Is.EqualTo(Reason.Served));

        Assert.That(handshake.Outcome, Is.EqualTo(Reason.ReplacedBySyn));
        Assert.That(_box.Sweep(), Is.EqualTo(new[] { handshake }));
        Assert.That(_box.Sweep(), Is.Empty);
        _box.AssertReleased(Reason.ReplacedBySyn);
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void Syn_Repeated_AwaitingClient_GoesToTheKernel()
    {
        _box.Act();
        for (var i = 0; i < 5; i++)
            Assert.That(_box.Decide(_box.MptcpSyn()), Is.EqualTo(new Decision(Verdict.Divert, Reason.RepeatedSyn)));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void Syn_WithoutMpCapable_AwaitingClient_GoesToTheKernel()
    {
        _box.Act();
        Assert.That(_box.Decide(_box.PlainSyn()).Verdict, Is.EqualTo(Verdict.Divert));
    }

    [Test]
    public void Syn_WithoutMpCapable_ContextPresent_Releases()
    {
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.PlainSyn()), Is.EqualTo(Decision.Forward(Reason.ClientGaveUpMptcp)));
        _box.AssertEnded(Reason.ClientGaveUpMptcp);
        Assert.That(_box.Decide(_box.SynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)));
    }

    [Test]
    public void Syn_WithMpCapableOfOtherVersion_ContextPresent_Releases()
    {
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.PlainSyn().MpCapableVersion0()), Is.EqualTo(Decision.Forward(Reason.ClientGaveUpMptcp)));
        _box.AssertEnded(Reason.ClientGaveUpMptcp);
    }

    [Test]
    public void Syn_WithoutMpCapable_OtherIsn_ReplacesAndBypasses()
    {
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.PlainSyn(5)), Is.EqualTo(Decision.Forward(Reason.NotMptcp)));
        _box.AssertEnded(Reason.ReplacedBySyn);
        Assert.That(_box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [Reason.NotMptcp] = 1 }));
    }

    [Test]
    public void Syn_RequestingEcn_IsServedWithoutTheRequest()
    {
        Assert.That(
            _box.Decide(_box.MptcpSyn().Flags(EcnSyn)),
            Is.EqualTo(Decision.Forward(Reason.Served, SegmentEdits.WithdrawEcn)));
        Assert.That(
            _box.Decide(_box.MptcpSyn().Flags(EcnSyn)),
            Is.EqualTo(Decision.Forward(Reason.RepeatedSyn, SegmentEdits.WithdrawEcn)));
        Assert.That(
            _box.Decide(_box.MptcpSyn().Flags(EcnSyn)),
            Is.EqualTo(Decision.Forward(Reason.RepeatedSyn, NegotiatorBench.WithoutMpCapable | SegmentEdits.WithdrawEcn)));
    }

    // RFC 3168 section 6.1.1: it is ECE and CWR that ask; CWR alone does not.
    [TestCase(TcpFlags.Syn)]
    [TestCase(TcpFlags.Syn | TcpFlags.Cwr)]
    [TestCase(TcpFlags.Syn | TcpFlags.Psh)]
    [TestCase(TcpFlags.Syn | TcpFlags.Urg)]
    public void Syn_NotRequestingEcn_IsForwardedUnchanged(TcpFlags flags) =>
        Assert.That(_box.Decide(_box.MptcpSyn().Flags(flags)), Is.EqualTo(new Decision(Verdict.Forward, Reason.Served)));

    [TestCase(TcpFlags.None)]
    [TestCase(TcpFlags.Ack)]
    [TestCase(TcpFlags.Ack | TcpFlags.Psh)]
    [TestCase(TcpFlags.Fin)]
    [TestCase(TcpFlags.Fin | TcpFlags.Ack)]
    [TestCase(TcpFlags.Syn | TcpFlags.Fin)]
    [TestCase(TcpFlags.Syn | TcpFlags.Rst)]
    [TestCase(TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)]
    [TestCase(TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Fin)]
    [TestCase(TcpFlags.Rst | TcpFlags.Fin)]
    public void SegmentThatIsNoHandshake_ChangesNothing(TcpFlags flags)
    {
        Assert.That(_box.Decide(_box.MptcpSyn().Flags(flags)), Is.EqualTo(Decision.Forward(Reason.NotHandshake)));
        Assert.That(_box.Negotiator.ContextCount, Is.Zero);
        Assert.That(_box.Bypassed, Is.Empty);

        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.MptcpSyn().Flags(flags)), Is.EqualTo(Decision.Forward(Reason.NotHandshake)));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void Syn_TableFull_ForwardedWithoutContext()
    {
        var box = new NegotiatorBench(client, server, maxContexts: 1);
        box.Decide(box.MptcpSyn());
        var other = new NegotiatorBench(client.Replace("40000", "40001", StringComparison.Ordinal), server);
        Assert.That(box.Decide(other.MptcpSyn()), Is.EqualTo(Decision.Forward(Reason.TableFull)));
        Assert.That(box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [Reason.TableFull] = 1 }));
        Assert.That(box.Negotiator.ContextCount, Is.EqualTo(1));

        box.Decide(box.CapableSynAck());
        Assert.That(box.Decide(other.MptcpSyn()).Reason, Is.EqualTo(Reason.Served), "there is room again");
    }

    [Test]
    public void Syn_TableFull_ReplacementStillFinds_Room()
    {
        var box = new NegotiatorBench(client, server, maxContexts: 1);
        box.Decide(box.MptcpSyn());
        Assert.That(box.Decide(box.MptcpSyn(5)).Reason, Is.EqualTo(Reason.Served));
    }

    [Test]
    public void Syn_PolicySaysBypass_ForwardedWithoutContext()
    {
        var box = new NegotiatorBench(client, server, policy: new PolicyTable([], PolicyAction.Bypass));
        Assert.That(box.Decide(box.MptcpSyn()), Is.EqualTo(Decision.Forward(Reason.PolicyBypass)));
        Assert.That(box.Negotiator.ContextsCreated, Is.Zero);
        Assert.That(box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [Reason.PolicyBypass] = 1 }));
    }
}
