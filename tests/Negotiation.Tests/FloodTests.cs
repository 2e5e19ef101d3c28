namespace Middlebox.Negotiation.Tests;

/// <summary>What a flood of SYNs that nobody completes does to the box, and what it does not do to clients that are alive.</summary>
[TestFixture("198.18.1.2", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class FloodTests(string client, string server)
{
    private const int MaxHalfOpen = 8;
    private const int LegitimatePort = 60_000;
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly NegotiatorBench _box = new(
        $"{client}:1000", server, new NegotiationOptions { MaxHalfOpen = MaxHalfOpen }, maxContexts: 64);

    [Test]
    public void HalfOpen_AtTheBound_AllYoung_NewOneIsForwardedAndStaysPlain()
    {
        var flood = FillHalfOpen();
        Assert.That(Connect(LegitimatePort), Is.EqualTo(Decision.Forward(Reason.HalfOpenLimit)));
        _box.AssertReleased(Reason.HalfOpenLimit);
        Assert.That(flood.Select(handshake => handshake.Outcome), Is.All.EqualTo(Reason.None), "nobody who may be alive is given up");
        Assert.That(_box.Negotiator.HasAbandoned, Is.False);
    }

    [Test]
    public void HalfOpen_AtTheBound_OldestIsPastItsGrace_GivesWayAndItsServerIsToldAtOnce()
    {
        var flood = FillHalfOpen();
        _box.Time.Advance(NegotiationOptions.Grace - Tick);
        Assert.That(Connect(LegitimatePort).Reason, Is.EqualTo(Reason.HalfOpenLimit));
        _box.Time.Advance(Tick);
        Assert.That(Connect(LegitimatePort + 1).Verdict, Is.EqualTo(Verdict.Act));

        Assert.That(_box.Negotiator.HasAbandoned, Is.True);
        List<Handshake> abandoned = [];
        _box.Negotiator.TakeAbandoned(abandoned);
        Assert.That(abandoned, Is.EqualTo(new[] { flood[0] }));
        Assert.That(flood[0].Outcome, Is.EqualTo(Reason.Displaced));
        Assert.That(_box.Sweep(), Is.Empty, "once");
    }

    [Test]
    public void HalfOpen_AtTheBound_SomeHaveBeenAdopted_TheirPlacesAreFreeAtOnce()
    {
        FillHalfOpen()[3].TrySettle(Reason.Adopted);
        Assert.That(Connect(LegitimatePort).Verdict, Is.EqualTo(Verdict.Act));
        Assert.That(Connect(LegitimatePort + 1).Reason, Is.EqualTo(Reason.HalfOpenLimit));
    }

    // The bound of a flood's stay is the grace, not the time-out: with a place for each second of grace at the flood's rate, all are served.
    [Test]
    public void Flood_ThatTheBoundHoldsForTheGrace_EveryClientThatIsAliveIsServed()
    {
        var interval = NegotiationOptions.Grace / (MaxHalfOpen - 1);
        for (var i = 0; i < 200; i++)
        {
            Assert.That(Connect(1000 + i).Verdict, Is.EqualTo(Verdict.Act));
            var legitimate = Connect(LegitimatePort + i);
            Assert.That(legitimate.Verdict, Is.EqualTo(Verdict.Act));
            Assert.That(legitimate.Handshake!.TrySettle(Reason.Adopted), Is.True);
            _box.Time.Advance(interval);
        }
    }

    [Test]
    public void Flood_OfAnyRate_NobodyInHisGraceIsGivenUp([Values(3, 50, 1000)] int perGrace)
    {
        var begun = new Dictionary<Handshake, long>();
        for (var i = 0; i < 3000; i++)
        {
            if (Connect(1000 + (i % 50_000)).Handshake is { } handshake)
                begun.Add(handshake, _box.Time.GetTimestamp());
            _box.Time.Advance(NegotiationOptions.Grace / perGrace);
            List<Handshake> abandoned = [];
            _box.Negotiator.TakeAbandoned(abandoned);
            foreach (var given in abandoned)
                Assert.That(_box.Time.GetElapsedTime(begun[given]), Is.GreaterThanOrEqualTo(NegotiationOptions.Grace - _box.Time.GetElapsedTime(0, 2)));
        }

        Assert.That(_box.Released.Keys, Is.SubsetOf(new[] { Reason.Displaced, Reason.HalfOpenLimit }));
    }

    [Test]
    public void TableFull_OldestUnansweredIsPastItsGrace_GivesWay()
    {
        var box = new NegotiatorBench($"{client}:1000", server, maxContexts: 2);
        Decide(box, 1001);
        Decide(box, 1002);
        Assert.That(Decide(box, 1003).Reason, Is.EqualTo(Reason.TableFull));
        box.Time.Advance(NegotiationOptions.Grace);
        Assert.That(Decide(box, 1003).Reason, Is.EqualTo(Reason.Served));
        box.AssertReleased(Reason.Displaced);
        Assert.That(box.Sweep(), Is.Empty, "a server that has not answered has nothing to be told");

        var late = new NegotiatorBench($"{client}:1001", server);
        Assert.That(box.Decide(late.SynAck()), Is.EqualTo(Decision.Forward(Reason.NoContext)), "it connects, unproxied");
    }

    [Test]
    public void TableFull_OfHalfOpenPastTheirGrace_OneGivesWayAndItsServerIsTold()
    {
        var box = new NegotiatorBench($"{client}:1000", server, maxContexts: 1);
        var handshake = box.Act();
        box.Time.Advance(NegotiationOptions.Grace);
        Assert.That(Decide(box, 1003).Reason, Is.EqualTo(Reason.Served));
        Assert.That(box.Sweep(), Is.EqualTo(new[] { handshake }));
    }

    [Test]
    public void TableFull_AnAdoptionHasFailed_ItsPlaceIsFreeAtOnce()
    {
        var box = new NegotiatorBench($"{client}:1000", server, maxContexts: 1);
        Assert.That(box.Act().TrySettle(Reason.AdoptionFailed), Is.True);
        Assert.That(Decide(box, 1003).Reason, Is.EqualTo(Reason.Served));
    }

    private List<Handshake> FillHalfOpen()
    {
        var handshakes = Enumerable.Range(1000, MaxHalfOpen).Select(port => Connect(port).Handshake!).ToList();
        Assert.That(handshakes, Has.None.Null);
        return handshakes;
    }

    private Decision Connect(int port)
    {
        var other = new NegotiatorBench($"{client}:{port}", server);
        _box.Decide(other.MptcpSyn());
        return _box.Decide(other.SynAck());
    }

    private Decision Decide(NegotiatorBench box, int port) => box.Decide(new NegotiatorBench($"{client}:{port}", server).MptcpSyn());
}
