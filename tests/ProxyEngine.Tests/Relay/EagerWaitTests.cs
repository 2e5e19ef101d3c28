using Middlebox.ProxyEngine.Relay;
using Middlebox.Testing;

namespace Middlebox.ProxyEngine.Tests.Relay;

/// <summary>When a thread stays awake, by what it has met before.</summary>
public sealed class EagerWaitTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMicroseconds(50);
    private static readonly TimeSpan Short = Longest - TimeSpan.FromMicroseconds(1);

    private readonly ManualTimeProvider _time = new();

    [Test]
    public void FirstWait_Sleeps() => Assert.That(StaysAwake(Eagerness()), Is.False);

    [Test]
    public void AfterShortWait_StaysAwake_UntilTheLongestIsOver()
    {
        var wait = Eagerness();
        Wait(wait, Short);

        Assert.That(StaysAwake(wait), Is.True);
        _time.Advance(Short);
        Assert.That(wait.StaysAwake(looks: 1), Is.True);
        _time.Advance(Longest - Short);
        Assert.That(wait.StaysAwake(looks: 2), Is.False);
    }

    [Test]
    public void AfterLongWait_Sleeps()
    {
        var wait = Eagerness();
        Wait(wait, Longest);
        Assert.That(StaysAwake(wait), Is.False);
    }

    [Test]
    public void EndOfPatience_HoweverShort_IsNoWork()
    {
        var wait = Eagerness();
        Wait(wait, Short, isFound: false);
        Assert.That(StaysAwake(wait), Is.False);
    }

    [TestCase(1, true)]
    [TestCase(2, false)]
    public void LongWaitsForEachShortOne_AreBorneIfNotMoreThanOne(int longWaits, bool staysAwake)
    {
        var wait = Eagerness();
        for (var round = 0; round < 100; round++)
        {
            Wait(wait, Short);
            for (var i = 0; i < longWaits; i++)
                Wait(wait, Longest);
        }

        Assert.That(StaysAwake(wait), Is.EqualTo(staysAwake));
    }

    // A transfer that has ended does not keep a processor busy.
    [Test]
    public void ManyShortWaits_AreForgottenAfterFewLongOnes()
    {
        var wait = Eagerness();
        for (var i = 0; i < 1_000_000; i++)
            Wait(wait, Short);
        for (var i = 0; i < 8; i++)
            Wait(wait, Longest);
        Assert.That(StaysAwake(wait), Is.False);
    }

    [Test]
    public void Zero_NeverStaysAwake()
    {
        var wait = new EagerWait(TimeSpan.Zero, _time);
        Wait(wait, TimeSpan.Zero);
        Assert.That(StaysAwake(wait), Is.False);
    }

    private EagerWait Eagerness() => new(Longest, _time);

    private void Wait(EagerWait wait, TimeSpan duration, bool isFound = true)
    {
        wait.Begin();
        _time.Advance(duration);
        wait.End(isFound);
    }

    private static bool StaysAwake(EagerWait wait)
    {
        wait.Begin();
        return wait.StaysAwake(looks: 0);
    }
}
