namespace Middlebox.Negotiation.Tests;

[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class SynAckTests(string client, string server)
{
    private readonly NegotiatorBench _box = new(client, server);

    [Test]
    public void SynAck_NoContext_Forwarded()
    {
        Assert.That(_box.Decide(_box.SynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)));
        Assert.That(_box.Bypassed, Is.Empty);
    }

    [Test]
    public void SynAck_OfTheOtherDirection_IsNoAnswer()
    {
        _box.Decide(_box.MptcpSyn());
        var reversed = new NegotiatorBench(server, client);
        Assert.That(_box.Decide(reversed.SynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void SynAck_WithMpCapable_ContextPresent_Releases()
    {
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.CapableSynAck()), Is.EqualTo(Decision.Forward(Reason.ServerCapable)));
        _box.AssertEnded(Reason.ServerCapable);
        Assert.That(_box.Sweep(), Is.Empty);
    }

    [Test]
    public void SynAck_WithMpCapableOfAnyKind_IsNeverActedOn()
    {
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.SynAck().MpCapableVersion0()), Is.EqualTo(Decision.Forward(Reason.ServerCapable)));
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.SynAck().Option(30, 3, 0x01)), Is.EqualTo(Decision.Forward(Reason.ServerCapable)));
        _box.AssertEnded(Reason.ServerCapable, Reason.ServerCapable);
    }

    [Test]
    public void SynAck_WithoutMpCapable_ContextPresent_Acts()
    {
        _box.Decide(_box.MptcpSyn().Window(1234));
        var decision = _box.Decide(_box.SynAck().Window(4321).Mss(1400).WindowScale(9));

        Assert.That(decision.Verdict, Is.EqualTo(Verdict.Act));
        Assert.That(decision.Reason, Is.EqualTo(Reason.ServerLegacy));
        var handshake = decision.Handshake!;
        Assert.That(handshake.Flow, Is.EqualTo(_box.Flow));
        Assert.That(handshake.ClientIsn, Is.EqualTo(NegotiatorBench.Isn));
        Assert.That(handshake.ServerIsn, Is.EqualTo(NegotiatorBench.ServerIsn));
        Assert.That(handshake.ClientWindow, Is.EqualTo(1234));
        Assert.That(handshake.ServerWindow, Is.EqualTo(4321));
        Assert.That(handshake.ClientOptions.WindowScale, Is.EqualTo(7));
        Assert.That(handshake.ClientOptions.HasTimestamps, Is.True);
        Assert.That(handshake.ServerOptions.Mss, Is.EqualTo(1400));
        Assert.That(handshake.ServerOptions.WindowScale, Is.EqualTo(9));
        Assert.That(handshake.ServerOptions.HasTimestamps, Is.False);
        Assert.That(handshake.Outcome, Is.EqualTo(Reason.None));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void SynAck_SynHadBeenRepeatedWithMpCapable_Acts()
    {
        _box.Decide(_box.MptcpSyn());
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.SynAck()).Verdict, Is.EqualTo(Verdict.Act));
    }

    [Test]
    public void SynAck_IsnIsTheHighestNumber_AcknowledgmentWrapsToZero()
    {
        _box.Decide(_box.MptcpSyn(uint.MaxValue));
        Assert.That(_box.Decide(_box.SynAck(uint.MaxValue)).Verdict, Is.EqualTo(Verdict.Act));
    }

    [Test]
    public void SynAck_WrongAcknowledgment_ForwardedAndContextStays(
        [Values(0u, NegotiatorBench.Isn, NegotiatorBench.Isn + 2, NegotiatorBench.Isn + 0x8000_0000u)] uint acknowledgment,
        [Values] bool isActing)
    {
        if (isActing)
            _box.Act();
        else
            _box.Decide(_box.MptcpSyn());

        Assert.That(
            _box.Decide(_box.SynAck().Acknowledging(acknowledgment)),
            Is.EqualTo(Decision.Forward(Reason.AcknowledgmentMismatch)));
        Assert.That(
            _box.Decide(_box.CapableSynAck().Acknowledging(acknowledgment)),
            Is.EqualTo(Decision.Forward(Reason.AcknowledgmentMismatch)));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
        Assert.That(_box.Released, Is.Empty);
    }

    [Test]
    public void SynAck_Repeated_Acting_Discarded()
    {
        _box.Act();
        for (var i = 0; i < 3; i++)
            Assert.That(_box.Decide(_box.SynAck()), Is.EqualTo(new Decision(Verdict.Discard, Reason.RepeatedSynAck)));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void SynAck_MalformedOptions_Releases()
    {
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.SynAck().Option(2, 0)), Is.EqualTo(Decision.Forward(Reason.MalformedOptions)));
        _box.AssertEnded(Reason.MalformedOptions);
    }

    [Test]
    public void SynAck_OfAnotherPort_DoesNotTouchTheContext()
    {
        _box.Decide(_box.MptcpSyn());
        var other = new NegotiatorBench(client, server.Replace(":80", ":81", StringComparison.Ordinal));
        Assert.That(_box.Decide(other.SynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void SynAck_BoxStaysOut_Releases(
        [Values(Reason.ListenerUnavailable, Reason.PortReserved, Reason.FlowLimit, Reason.InjectionFailed)] Reason refusal)
    {
        var handshake = _box.Act();
        _box.Negotiator.StayOut(handshake, refusal);

        Assert.That(handshake.Outcome, Is.EqualTo(refusal));
        _box.AssertEnded(refusal);
        Assert.That(_box.Sweep(), Is.Empty, "the server's half lives on with the client");
        Assert.That(_box.Decide(_box.SynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)));
    }
}
