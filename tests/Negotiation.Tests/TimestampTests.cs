using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests;

/// <summary>
/// What the timestamps of a SYN/ACK tell (RFC 7323 section 3): which SYN the server answers, and so who may have acted on it.
/// </summary>
[TestFixture(1u)]
[TestFixture(0x7FFF_FF00u)]
[TestFixture(0xFFFF_FF00u)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class TimestampTests(uint start)
{
    private const string Client = "198.18.1.2:40000";
    private const string Server = "198.18.9.2:80";
    private static readonly TimeSpan RetransmissionTimeout = TimeSpan.FromSeconds(1);

    private readonly NegotiatorBench _box = new(Client, Server, new NegotiationOptions { RepeatsWithMpCapable = 1 });

    [Test]
    public void SynAck_EchoesTheSynOfTheContext_Acts()
    {
        _box.Decide(Syn(0));
        Assert.That(_box.Decide(SynAck(0)).Verdict, Is.EqualTo(Verdict.Act));
    }

    [Test]
    public void SynAck_EchoesAnyRepetition_Acts([Values(0u, 1000u)] uint echo)
    {
        _box.Decide(Syn(0));
        _box.Decide(Syn(1000));
        Assert.That(_box.Decide(SynAck(echo)).Verdict, Is.EqualTo(Verdict.Act));
    }

    // The box came, or made up its mind, between a SYN and its repetition; a box nearer the client may be relaying the connection already.
    [Test]
    public void SynAck_EchoesASynBeforeTheContext_StaysOut()
    {
        _box.Decide(Syn(1000));
        Assert.That(_box.Decide(SynAck(0)), Is.EqualTo(Decision.Forward(Reason.EarlierSynAnswered)));
        _box.AssertEnded(Reason.EarlierSynAnswered);
        Assert.That(_box.Negotiator.HasAbandoned, Is.False, "the server is told nothing");
    }

    [Test]
    public void SynAck_EchoesNothing_Acts()
    {
        _box.Decide(Syn(1000));
        Assert.That(
            _box.Decide(_box.SynAck().Timestamps(9, 0)).Verdict, Is.EqualTo(Verdict.Act), "0 is what those write who do not echo");
    }

    [Test]
    public void SynAck_WithTimestampsThatNobodyOffered_Acts()
    {
        _box.Decide(PacketBuilder.Syn(Client, Server).Isn(NegotiatorBench.Isn).Mss(1460).MpCapable());
        Assert.That(_box.Decide(_box.SynAck().Timestamps(9, 0xFFFF_0000)).Verdict, Is.EqualTo(Verdict.Act));
    }

    // The server is slow, and speaks no MPTCP: the very case for the box.
    [Test]
    public void SynAck_MpCapableRemovedMeanwhile_EchoesASynThatHadIt_Acts([Values(0u, 1000u)] uint echo)
    {
        SendUntilStripped();
        Assert.That(_box.Decide(SynAck(echo)).Verdict, Is.EqualTo(Verdict.Act));
        Assert.That(_box.Dropping.Count, Is.Zero);
    }

    [Test]
    public void SynAck_MpCapableRemoved_EchoesTheSynWithout_Suspects()
    {
        SendUntilStripped();
        Assert.That(_box.Decide(SynAck(2000)), Is.EqualTo(Decision.Forward(Reason.MpCapableDropped)));
        Assert.That(_box.Dropping.Count, Is.EqualTo(1));
    }

    private void SendUntilStripped()
    {
        for (uint elapsed = 0; elapsed <= 2000; elapsed += 1000)
        {
            var edits = _box.Decide(Syn(elapsed)).Edits;
            Assert.That(edits == NegotiatorBench.WithoutMpCapable, Is.EqualTo(elapsed == 2000));
            _box.Time.Advance(RetransmissionTimeout);
        }
    }

    private PacketBuilder Syn(uint elapsed) => PacketBuilder.Syn(Client, Server).Isn(NegotiatorBench.Isn)
        .Mss(1460).SackPermitted().Timestamps(unchecked(start + elapsed), 0).Nop().WindowScale(7).MpCapable();

    private PacketBuilder SynAck(uint elapsed) => _box.SynAck().Mss(1460).Timestamps(7, unchecked(start + elapsed));
}
