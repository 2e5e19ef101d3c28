namespace Middlebox.Negotiation.Tests;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ReasonTests
{
    [Test]
    public void Describe_EveryReason_IsASentenceOfItsOwn()
    {
        var sentences = Enum.GetValues<Reason>().Select(reason => reason.Describe()).ToList();
        Assert.That(sentences, Is.Unique);
        Assert.That(sentences, Has.All.Length.GreaterThan(10).And.All.Not.EndsWith("."));
    }

    [Test]
    public void Describe_NumberThatIsNoReason_IsRefused() =>
        Assert.That(() => ((Reason)255).Describe(), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Counters_OfSeveralThreads_AddUpByReason()
    {
        var first = new EventCounters<Reason>();
        var second = new EventCounters<Reason>();
        foreach (var reason in Enum.GetValues<Reason>())
            first.Add(reason);
        second.Add(Reason.Adopted);
        second.Add(Reason.Adopted);

        var sum = new Dictionary<Reason, long>();
        second.AddTo(sum);
        Assert.That(sum, Is.EqualTo(new Dictionary<Reason, long> { [Reason.Adopted] = 2 }), "only what occurred");
        first.AddTo(sum);
        Assert.That(sum, Has.Count.EqualTo(Enum.GetValues<Reason>().Length));
        Assert.That(sum[Reason.Adopted], Is.EqualTo(3));
        Assert.That(sum[Reason.Stopped], Is.EqualTo(1));
    }
}
