namespace Middlebox.Negotiation.Tests;

/// <summary>How contexts end that no segment ends: time-outs, the relay, shutting down, and races between them.</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class HandshakeEndTests(string client, string server)
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly NegotiatorBench _box = new(
        client,
        server,
        new NegotiationOptions { ServerTimeout = TimeSpan.FromSeconds(20), ClientTimeout = TimeSpan.FromSeconds(30) });

    [Test]
    public void ServerSilent_ServerTimeout_Releases()
    {
        _box.Decide(_box.MptcpSyn());
        _box.Time.Advance(_box.Options.ServerTimeout - Tick);
        Assert.That(_box.Sweep(), Is.Empty);
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));

        _box.Time.Advance(Tick);
        Assert.That(_box.Sweep(), Is.Empty, "the server has nothing to be told");
        _box.AssertEnded(Reason.Unanswered);
    }

    // The server's first answer may have passed to the client: what acts on the second breaks the connection.
    [Test]
    public void PacketsHavePassed_ServerHasNotAnswered_ItsRepeatedAnswerIsForwarded()
    {
        _box.Decide(_box.MptcpSyn());
        _box.Negotiator.ForgetUnanswered();
        _box.AssertReleased(Reason.StoodStill);
        Assert.That(_box.Decide(_box.SynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)));
        Assert.That(_box.Sweep(), Is.Empty, "nobody has anything to be told");
    }

    [Test]
    public void PacketsHavePassed_BoxActs_GoesOn()
    {
        var handshake = _box.Act();
        _box.Negotiator.ForgetUnanswered();
        Assert.That(handshake.Outcome, Is.EqualTo(Reason.None));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void ClientSilent_ClientTimeout_HandsTheHandshakeOverOnce()
    {
        var handshake = _box.Act();
        _box.Time.Advance(_box.Options.ClientTimeout - Tick);
        Assert.That(_box.Sweep(), Is.Empty);

        _box.Time.Advance(Tick);
        Assert.That(_box.Sweep(), Is.EqualTo(new[] { handshake }));
        Assert.That(handshake.Outcome, Is.EqualTo(Reason.ClientVanished));
        _box.AssertEnded(Reason.ClientVanished);
        Assert.That(_box.Sweep(), Is.Empty);
        _box.AssertEnded(Reason.ClientVanished);
    }

    [Test]
    public void ClientTimeout_CountsFromTheSynAck()
    {
        _box.Decide(_box.MptcpSyn());
        _box.Time.Advance(_box.Options.ServerTimeout - Tick);
        _box.Decide(_box.SynAck());
        _box.Time.Advance(_box.Options.ClientTimeout - Tick);
        Assert.That(_box.Sweep(), Is.Empty);
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void RepeatsWhileActing_DoNotPutTheClientTimeoutOff()
    {
        var handshake = _box.Act();
        for (var i = 0; i < 10; i++)
        {
            _box.Time.Advance(_box.Options.ClientTimeout / 10);
            _box.Decide(_box.SynAck());
            _box.Decide(_box.MptcpSyn());
        }

        Assert.That(_box.Sweep(), Is.EqualTo(new[] { handshake }));
    }

    [Test]
    public void WallClockSteps_DoNotMatter()
    {
        _box.Decide(_box.MptcpSyn());
        _box.Time.StepWallClock(TimeSpan.FromDays(1));
        _box.Sweep();
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
    }

    [Test]
    public void Timeouts_OfManyContexts_EndTheOldestOnly()
    {
        for (uint i = 0; i < 5; i++)
        {
            var other = new NegotiatorBench(client.Replace("40000", $"{40000 + i}", StringComparison.Ordinal), server);
            _box.Decide(other.MptcpSyn());
            _box.Time.Advance(TimeSpan.FromSeconds(5));
        }

        // They are 25, 20, 15, 10 and 5 s old.
        _box.Sweep();
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(3));
        _box.AssertReleased(Reason.Unanswered, Reason.Unanswered);
    }

    [Test]
    public void AdoptedByTheRelay_Sweep_Releases()
    {
        var handshake = _box.Act();
        Assert.That(handshake.TrySettle(Reason.Adopted), Is.True);
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
        Assert.That(_box.Sweep(), Is.Empty);
        _box.AssertEnded(Reason.Adopted);
    }

    [Test]
    public void SettledTwice_TheFirstWins()
    {
        var handshake = _box.Act();
        Assert.That(handshake.TrySettle(Reason.AdoptionFailed), Is.True);
        Assert.That(handshake.TrySettle(Reason.Adopted), Is.False);
        Assert.That(handshake.Outcome, Is.EqualTo(Reason.AdoptionFailed));
        _box.Sweep();
        _box.AssertEnded(Reason.AdoptionFailed);
    }

    [Test]
    public void ClientTimeout_AfterTheRelayHasAdopted_DoesNotTellTheServer()
    {
        var handshake = _box.Act();
        _box.Time.Advance(_box.Options.ClientTimeout);
        handshake.TrySettle(Reason.Adopted);
        Assert.That(_box.Sweep(), Is.Empty);
        _box.AssertEnded(Reason.Adopted);
    }

    [Test]
    public void ClientTimeout_BeforeTheRelayAdopts_TheRelayLoses()
    {
        var handshake = _box.Act();
        _box.Time.Advance(_box.Options.ClientTimeout);
        _box.Sweep();
        Assert.That(handshake.TrySettle(Reason.Adopted), Is.False);
        Assert.That(_box.Sweep(), Is.Empty);
        _box.AssertEnded(Reason.ClientVanished);
    }

    [Test]
    public void NewSyn_AfterTheRelayHasAdopted_CountsTheRelaysOutcome()
    {
        var handshake = _box.Act();
        handshake.TrySettle(Reason.Adopted);
        _box.Decide(_box.MptcpSyn(5));
        _box.AssertReleased(Reason.Adopted);

        Assert.That(_box.Sweep(), Is.Empty);
        _box.AssertReleased(Reason.Adopted);
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1), "the new attempt is not the one that was adopted");
    }

    [Test]
    public void NewHandshake_OldOneSettledLate_IsNotTouched()
    {
        var old = _box.Act();
        var young = _box.Act(isn: 5);
        Assert.That(old.TrySettle(Reason.Adopted), Is.False);
        _box.Sweep();
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
        Assert.That(young.Outcome, Is.EqualTo(Reason.None));
    }

    [Test]
    public void StayOut_AfterTheRelayHasSettled_ChangesNothing()
    {
        var handshake = _box.Act();
        handshake.TrySettle(Reason.Adopted);
        _box.Negotiator.StayOut(handshake, Reason.InjectionFailed);
        Assert.That(handshake.Outcome, Is.EqualTo(Reason.Adopted));
        _box.Sweep();
        _box.AssertEnded(Reason.Adopted);
    }

    [Test]
    public void Race_OfOwnerAndRelay_HasOneWinner()
    {
        for (uint i = 0; i < 500; i++)
        {
            var handshake = _box.Act(isn: i);
            _box.Time.Advance(_box.Options.ClientTimeout);
            using var start = new Barrier(2);
            var relayWon = false;
            List<Handshake> abandoned = [];
            var relay = new Thread(() =>
            {
                start.SignalAndWait();
                relayWon = handshake.TrySettle(Reason.Adopted);
            });
            relay.Start();
            start.SignalAndWait();
            _box.Negotiator.Sweep(abandoned);
            relay.Join();
            _box.Negotiator.Sweep(abandoned);

            Assert.That(abandoned, relayWon ? Is.Empty : Is.EqualTo(new[] { handshake }));
            Assert.That(handshake.Outcome, Is.EqualTo(relayWon ? Reason.Adopted : Reason.ClientVanished));
            Assert.That(_box.Negotiator.ContextCount, Is.Zero);
        }

        Assert.That(_box.Released.Values.Sum(), Is.EqualTo(500));
    }

    [Test]
    public void Stop_ReleasesAll_AndHandsOverWhatTheServerMustBeTold()
    {
        var handshake = _box.Act();
        var other = new NegotiatorBench(client.Replace("40000", "40001", StringComparison.Ordinal), server);
        _box.Decide(other.MptcpSyn());
        var third = new NegotiatorBench(client.Replace("40000", "40002", StringComparison.Ordinal), server);
        _box.Decide(third.MptcpSyn());
        _box.Decide(third.SynAck()).Handshake!.TrySettle(Reason.Adopted);

        Assert.That(_box.Stop(), Is.EqualTo(new[] { handshake }));
        Assert.That(handshake.Outcome, Is.EqualTo(Reason.Stopped));
        _box.AssertEnded(Reason.Stopped, Reason.Stopped, Reason.Adopted);
        Assert.That(_box.Stop(), Is.Empty);
    }
}
