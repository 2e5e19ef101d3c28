using Middlebox.Negotiation.Policy;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Policy;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class FlowAdmissionTests
{
    [Test]
    public void NoLimits_AdmitsAndCounts()
    {
        var admission = new FlowAdmission(null, null, new ManualTimeProvider());
        Assert.That(Admit(admission, 1000), Is.EqualTo(1000));
        Assert.That(admission.Flows, Is.EqualTo(1000));
    }

    [Test]
    public void MaxFlows_AdmitsAsManyAtATime()
    {
        var admission = new FlowAdmission(3, null, new ManualTimeProvider());
        Assert.That(Admit(admission, 5), Is.EqualTo(3));
        Assert.That(admission.TryAdmit(out var refusal), Is.False);
        Assert.That(refusal, Is.EqualTo(Reason.FlowLimit));
        Assert.That(admission.Flows, Is.EqualTo(3));
        admission.Release();
        Assert.That(Admit(admission, 5), Is.EqualTo(1));
    }

    [Test]
    public void MaxNewFlowsPerSecond_AdmitsAsManyInEachSecond()
    {
        var time = new ManualTimeProvider();
        var admission = new FlowAdmission(null, 2, time);
        for (var second = 0; second < 5; second++)
        {
            Assert.That(Admit(admission, 5), Is.EqualTo(2));
            Assert.That(admission.TryAdmit(out var refusal), Is.False);
            Assert.That(refusal, Is.EqualTo(Reason.RateLimit));
            time.Advance(TimeSpan.FromMilliseconds(999));
            Assert.That(Admit(admission, 5), Is.Zero);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.That(admission.Flows, Is.EqualTo(10), "what the rate refused holds no place");
    }

    // A connection that ends does not make room in its second.
    [Test]
    public void MaxNewFlowsPerSecond_ReleasedOnesCount()
    {
        var admission = new FlowAdmission(null, 1, new ManualTimeProvider());
        Admit(admission, 1);
        admission.Release();
        Assert.That(Admit(admission, 1), Is.Zero);
    }

    [Test]
    public void MaxFlows_RefusalsDoNotUseUpTheRate()
    {
        var admission = new FlowAdmission(1, 2, new ManualTimeProvider());
        Admit(admission, 10);
        admission.Release();
        Assert.That(Admit(admission, 1), Is.EqualTo(1));
    }

    [Test]
    public void LongIdle_NothingIsCarriedOver()
    {
        var time = new ManualTimeProvider();
        var admission = new FlowAdmission(null, 1, time);
        Admit(admission, 1);
        time.Advance(TimeSpan.FromDays(100));
        Assert.That(Admit(admission, 5), Is.EqualTo(1));
    }

    [Test]
    public void ManyThreads_NeverMoreThanTheLimits()
    {
        var admission = new FlowAdmission(100, 150, new ManualTimeProvider());
        var admitted = 0;
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 1000; i++)
            {
                if (!admission.TryAdmit(out var _))
                    continue;
                Interlocked.Increment(ref admitted);
                admission.Release();
            }
        });
        Assert.That(admitted, Is.EqualTo(150));
        Assert.That(admission.Flows, Is.Zero);
    }

    private static int Admit(FlowAdmission admission, int attempts) =>
        Enumerable.Range(0, attempts).Count(_ => admission.TryAdmit(out var _));
}
