using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Logs;
using Middlebox.Appliance.Options;
using Middlebox.Testing;

namespace Middlebox.Appliance.Tests.Logs;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class GuardedLoggerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger _inner = new();
    private readonly GuardedLogger _logger;

    public GuardedLoggerTests() => _logger = new GuardedLogger(_inner, new LogsOptions { MaxPerSecond = 3 }, _time);

    [Test]
    public void Flood_IsCutToTheLimit_AndCounted()
    {
        for (var i = 0; i < 1000; i++)
            Log(7, $"{i}");
        Assert.That(_inner.Count, Is.EqualTo(3));
        _logger.TellLeftOut();
        _logger.TellLeftOut();
        Assert.That(_inner.Count, Is.EqualTo(4), "three, and how many more, once");
        for (var i = 0; i < 3; i++)
            _inner.Next();
        Assert.That(_inner.Next(), Is.EqualTo((4600, "997 more events [7] came faster than Logs:MaxPerSecond allows, and were left out")));
    }

    [Test]
    public void NextSecond_HasItsOwn()
    {
        for (var second = 0; second < 3; second++)
        {
            for (var i = 0; i < 10; i++)
                Log(7, "again");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(_inner.Count, Is.EqualTo(9));
    }

    [Test]
    public void OneKind_DoesNotHideAnother()
    {
        for (var i = 0; i < 10; i++)
            Log(7, "often");
        Log(8, "seldom");
        Assert.That(_inner.Count, Is.EqualTo(4));
    }

    [Test]
    public void ManyThreads_TogetherHaveTheLimit()
    {
        Parallel.For(0, 10_000, _ => Log(7, "at once"));
        Assert.That(_inner.Count, Is.EqualTo(3));
    }

    private void Log(int number, string text) => _logger.Log(LogLevel.Information, new EventId(number), text, null, (state, _) => state);
}
