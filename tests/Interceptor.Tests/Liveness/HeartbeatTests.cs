using Middlebox.Interceptor.Liveness;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests.Liveness;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class HeartbeatTests
{
    private readonly ManualTimeProvider _time = new();
    private int _renewals;

    [Test]
    public void FirstThread_Renews()
    {
        Make(threads: 1).Beat(0);
        Assert.That(_renewals, Is.EqualTo(1));
    }

    [Test]
    public void OtherThread_DoesNotRenew()
    {
        Make(threads: 2).Beat(1);
        Assert.That(_renewals, Is.Zero);
    }

    [Test]
    public void OtherThread_Silent_NoRenewal()
    {
        var heartbeat = Make(threads: 3);
        heartbeat.Beat(1);
        _time.Advance(Heartbeat.Silence);
        heartbeat.Beat(2);
        heartbeat.Beat(0);
        Assert.That(_renewals, Is.EqualTo(1), "silent for as long as it may be");

        _time.Advance(TimeSpan.FromMilliseconds(1));
        heartbeat.Beat(0);
        Assert.That(_renewals, Is.EqualTo(1));
    }

    [Test]
    public void OtherThread_GoesRoundAgain_Renews()
    {
        var heartbeat = Make(threads: 2);
        _time.Advance(TimeSpan.FromMinutes(1));
        heartbeat.Beat(0);
        heartbeat.Beat(1);
        heartbeat.Beat(0);
        Assert.That(_renewals, Is.EqualTo(1));
    }

    private Heartbeat Make(int threads) => new(threads, () => _renewals++, _time);
}
