using Middlebox.Negotiation.Policy;

namespace Middlebox.Negotiation.Tests;

/// <summary>One source wants all places: it gets its share, and whom it leaves out goes on without the box.</summary>
[TestFixture("198.18.1.2:{0}", "198.18.1.3:{0}", "198.18.9.2:80")]
[TestFixture("[2001:db8:1:0::{0}]:1000", "[2001:db8:1:1::2]:{0}", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class SourceLimitTests
{
    private const int Limit = 3;

    private readonly string _flooding;
    private readonly string _other;
    private readonly string _server;
    private readonly FlowAdmission _admission;
    private readonly NegotiatorBench _box;

    /// <param name="flooding">Ends of one source, by a number.</param>
    /// <param name="other">Ends of another.</param>
    /// <param name="server">The server's end.</param>
    public SourceLimitTests(string flooding, string other, string server)
    {
        _flooding = flooding;
        _other = other;
        _server = server;
        var time = new Testing.ManualTimeProvider();
        _admission = new FlowAdmission(100, null, time);
        var rule = PolicyRule.ForEverything(PolicyAction.Serve) with { Admission = _admission };
        _box = new NegotiatorBench(
            Client(_other, 1000), server, new NegotiationOptions { MaxContextsPerSource = Limit }, policy: new PolicyTable([rule], PolicyAction.Serve));
    }

    [Test]
    public void Source_AtItsLimit_FurtherOnesAreForwarded_AndOthersServed()
    {
        Flood(10);

        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(Limit));
        Assert.That(_box.Bypassed[Reason.SourceLimit], Is.EqualTo(10 - Limit));
        Assert.That(_admission.Flows, Is.EqualTo(Limit), "who has no place holds none of the rule's");
        Assert.That(_box.Act().Outcome, Is.EqualTo(Reason.None), "another is served");
    }

    [Test]
    public void Source_WhoseContextsEnd_HasRoomAgain()
    {
        Flood(10);
        _box.Time.Advance(_box.Options.ServerTimeout);
        _box.Sweep();
        Assert.That(Flood(10), Is.EqualTo(Limit));
    }

    // The context lives on from the server's answer to the client's, which a flood never sends.
    [Test]
    public void Source_WhoseContextsAwaitTheirClients_HasNoMore()
    {
        for (var i = 1; i <= Limit; i++)
        {
            var bench = Bench(i);
            _box.Decide(bench.MptcpSyn());
            Assert.That(_box.Decide(bench.SynAck()).Verdict, Is.EqualTo(Verdict.Act));
        }

        Assert.That(Flood(20), Is.Zero);
    }

    [Test]
    public void Source_WhoseContextsWereAdopted_HasRoomAtOnce()
    {
        for (var i = 1; i <= Limit; i++)
        {
            var bench = Bench(i);
            _box.Decide(bench.MptcpSyn());
            Assert.That(_box.Decide(bench.SynAck()).Handshake!.TrySettle(Reason.Adopted), Is.True);
        }

        Assert.That(_box.Decide(Bench(Limit + 1).MptcpSyn()).Reason, Is.EqualTo(Reason.Served));
    }

    [Test]
    public void RepeatedSyn_OfASourceAtItsLimit_IsStillKnown()
    {
        Flood(10);
        Assert.That(_box.Decide(Bench(1).MptcpSyn()).Reason, Is.EqualTo(Reason.RepeatedSyn));
    }

    /// <returns>How many of the SYNs were given a context.</returns>
    private int Flood(int count) =>
        Enumerable.Range(1, count).Count(i => _box.Decide(Bench(i).MptcpSyn()) is { Reason: Reason.Served });

    private NegotiatorBench Bench(int number) => new(Client(_flooding, number), _server);

    private static string Client(string ends, int number) => string.Format(System.Globalization.CultureInfo.InvariantCulture, ends, number);
}
