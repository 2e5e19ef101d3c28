using Middlebox.Appliance.Trace;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.Testing;

namespace Middlebox.Appliance.Tests.Trace;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class DecisionReaderTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly DecisionHistory[] _histories;

    public DecisionReaderTests() => _histories = [new DecisionHistory(4, _time), new DecisionHistory(4, _time)];

    [Test]
    public void DecisionsOfAllQueues_ComeInTheOrderOfTime()
    {
        using var reader = Read("");
        Add(0, 1);
        Add(1, 2);
        Add(0, 3);
        Assert.That(Ports(reader, out var lost), Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(lost, Is.Zero);
        Assert.That(Ports(reader, out _), Is.Empty, "each is told once");
    }

    [Test]
    public void Reader_BeginsNow_OrWithWhatIsRemembered()
    {
        Add(0, 1);
        using var now = Read("");
        using var past = Read("past");
        Add(0, 2);
        Assert.That(Ports(now, out _), Is.EqualTo(new[] { 2 }));
        Assert.That(Ports(past, out _), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void SlowReader_LosesTheOldest_AndKnowsHowMany()
    {
        using var reader = Read("");
        for (var port = 1; port <= 10; port++)
            Add(0, port);
        Assert.That(Ports(reader, out var lost), Is.EqualTo(new[] { 7, 8, 9, 10 }));
        Assert.That(lost, Is.EqualTo(6));
    }

    [Test]
    public void Past_OfAFullHistory_LosesNothing()
    {
        for (var port = 1; port <= 10; port++)
            Add(0, port);
        using var reader = Read("past");
        Assert.That(Ports(reader, out var lost), Is.EqualTo(new[] { 7, 8, 9, 10 }));
        Assert.That(lost, Is.Zero);
    }

    [Test]
    public void Time_IsThatOfTheDecision()
    {
        using var reader = Read("");
        var when = _time.GetUtcNow();
        Add(0, 1);
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.That(reader.Read(out _).Single().Time, Is.EqualTo(when));
    }

    private DecisionReader Read(string filter)
    {
        Assert.That(TraceFilter.TryParse(filter, out var parsed, out _), Is.True);
        return new DecisionReader(_histories, parsed!, _time);
    }

    private void Add(int queue, int clientPort)
    {
        _histories[queue].AddEnd(
            new FlowKey(HostEndpoint.Parse($"198.18.1.2:{clientPort}"), HostEndpoint.Parse("198.18.9.2:80")), Reason.Unanswered);
        _time.Advance(TimeSpan.FromMilliseconds(1));
    }

    private static int[] Ports(DecisionReader reader, out long lost) =>
        [.. reader.Read(out lost).Select(decision => HostEndpoint.Parse(decision.Client).Port.Value)];
}
