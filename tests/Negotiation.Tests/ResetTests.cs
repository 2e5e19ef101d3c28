using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests;

[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class ResetTests(string client, string server)
{
    private readonly NegotiatorBench _box = new(client, server);

    [Test]
    public void Rst_AcknowledgingTheSyn_ContextPresent_Releases()
    {
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.Refusal()), Is.EqualTo(Decision.Forward(Reason.ServerRefused)));
        _box.AssertEnded(Reason.ServerRefused);
    }

    [TestCase(0u)]
    [TestCase(NegotiatorBench.Isn)]
    [TestCase(NegotiatorBench.Isn + 2)]
    public void Rst_WrongAcknowledgment_ForwardedAndContextStays(uint acknowledgment)
    {
        _box.Decide(_box.MptcpSyn());
        Assert.That(
            _box.Decide(_box.Refusal().Acknowledging(acknowledgment)), Is.EqualTo(Decision.Forward(Reason.NoContext)));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void Rst_WithoutAck_ForwardedAndContextStays()
    {
        _box.Decide(_box.MptcpSyn());
        Assert.That(_box.Decide(_box.Refusal().Flags(TcpFlags.Rst)), Is.EqualTo(Decision.Forward(Reason.NoContext)));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void Rst_NoContext_Forwarded() =>
        Assert.That(_box.Decide(_box.Refusal()), Is.EqualTo(Decision.Forward(Reason.NoContext)));

    [Test]
    public void Rst_FromTheClient_ForwardedAndContextStays()
    {
        _box.Decide(_box.MptcpSyn());
        var reversed = new NegotiatorBench(server, client);
        Assert.That(_box.Decide(reversed.Refusal()), Is.EqualTo(Decision.Forward(Reason.NoContext)));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    // The kernel has answered the client in the server's name, so the server answers a segment that was not meant for it, or
    // has changed its mind, of which the relay learns.
    [TestCase(TcpFlags.Rst)]
    [TestCase(TcpFlags.Rst | TcpFlags.Ack)]
    public void Rst_Acting_DiscardedAndContextStays(TcpFlags flags)
    {
        var handshake = _box.Act();
        Assert.That(
            _box.Decide(_box.Refusal().Flags(flags)), Is.EqualTo(new Decision(Verdict.Discard, Reason.EarlyReset)));
        Assert.That(handshake.Outcome, Is.EqualTo(Reason.None));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    // The kernel has missed its own half-open socket, and answers for the listener.
    [Test]
    public void OwnRst_Acting_DiscardedAndContextStays()
    {
        var handshake = _box.Act();
        Assert.That(
            _box.DecideOwn(_box.Refusal().Flags(TcpFlags.Rst)), Is.EqualTo(new Decision(Verdict.Discard, Reason.EarlyReset)));
        Assert.That(handshake.Outcome, Is.EqualTo(Reason.None));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    // It may miss it a moment later as well: for a segment that it took up before, and answers after the relay has the connection.
    [Test]
    public void OwnRst_AdoptedAMomentAgo_Discarded_AndForwardedLater()
    {
        var decided = new Decision(Verdict.Discard, Reason.EarlyReset);
        Assert.That(_box.Act().TrySettle(Reason.Adopted), Is.True);
        _box.Sweep();
        _box.AssertEnded(Reason.Adopted);

        _box.Time.Advance(TimeSpan.FromMilliseconds(100));
        _box.Sweep();
        Assert.That(_box.DecideOwn(_box.Refusal().Flags(TcpFlags.Rst)), Is.EqualTo(decided));
        Assert.That(_box.Decide(_box.Refusal().Flags(TcpFlags.Rst)), Is.EqualTo(decided));
        _box.Time.Advance(TimeSpan.FromMilliseconds(100));
        _box.Sweep();
        Assert.That(_box.DecideOwn(_box.Refusal().Flags(TcpFlags.Rst)), Is.EqualTo(Decision.Forward(Reason.NoContext)));
        _box.AssertReleased(Reason.Adopted);
    }

    [Test]
    public void OwnRst_AdoptedByASourceAtItsLimit_Discarded()
    {
        var box = new NegotiatorBench(client, server, new NegotiationOptions { MaxContextsPerSource = 1 });
        box.Act().TrySettle(Reason.Adopted);
        var next = new NegotiatorBench(client.Replace(":40000", ":40001"), server);
        Assert.That(box.Decide(next.MptcpSyn()).Reason, Is.EqualTo(Reason.Served));
        Assert.That(box.DecideOwn(box.Refusal().Flags(TcpFlags.Rst)), Is.EqualTo(new Decision(Verdict.Discard, Reason.EarlyReset)));
    }

    [Test]
    public void TableFullOfAdoptedOnes_HasRoom()
    {
        var box = new NegotiatorBench(client, server, maxContexts: 1);
        box.Act().TrySettle(Reason.Adopted);
        box.Sweep();
        var next = new NegotiatorBench(client.Replace(":40000", ":40001"), server);
        Assert.That(box.Decide(next.MptcpSyn()).Reason, Is.EqualTo(Reason.Served));
    }

    [Test]
    public void OwnRst_NoContext_Forwarded() => Assert.That(
        _box.DecideOwn(_box.Refusal().Flags(TcpFlags.Rst)), Is.EqualTo(Decision.Forward(Reason.NoContext)));

    [Test]
    public void OwnRst_AwaitingTheServer_Forwarded()
    {
        _box.Decide(_box.MptcpSyn());
        Assert.That(
            _box.DecideOwn(_box.Refusal().Flags(TcpFlags.Rst)), Is.EqualTo(Decision.Forward(Reason.NoContext)));
    }

    [Test]
    public void Rst_ToASynWithoutMpCapable_TeachesNothingOfTheServer()
    {
        var box = new NegotiatorBench(client, server, new NegotiationOptions { RepeatsWithMpCapable = 0 });
        box.Decide(box.MptcpSyn());
        box.Decide(box.MptcpSyn());
        box.Decide(box.Refusal());
        Assert.That(box.Dropping.Count, Is.Zero);
    }
}
