using Middlebox.Appliance.Service;

namespace Middlebox.Appliance.Tests.Service;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class DrainTests : IDisposable
{
    private readonly RecordingLogger _log = new();
    private readonly ServiceManager _manager = new(null, null);
    private int _letPass;
    private int _left;

    public void Dispose() => _manager.Dispose();

    [Test]
    public async Task NoPatience_NobodyIsWaitedFor()
    {
        _left = 5;
        await Drain(TimeSpan.Zero).RunAsync();
        Assert.That((_letPass, _log.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task NoConnection_EndsAtOnce()
    {
        await Drain(TimeSpan.FromDays(1)).RunAsync();
        Assert.That((_letPass, _log.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task Connections_AreWaitedFor_UntilTheLastHasEnded()
    {
        _left = 2;
        var drain = Drain(TimeSpan.FromDays(1));
        var end = drain.RunAsync();
        Assert.That(drain.HasBegun, Is.True);
        Assert.That(_log.Next().Text, Is.EqualTo("2 connections have 1.00:00:00 to finish; new ones pass unproxied"));
        _left = 1;
        Assert.That(end.IsCompleted, Is.False);
        _left = 0;
        await end;
        Assert.That(_log.Count, Is.Zero);
    }

    [Test]
    public async Task Patience_Ends()
    {
        _left = 2;
        await Drain(TimeSpan.FromMilliseconds(10)).RunAsync();
        Assert.That((_log.Next().Id, _log.Next().Text), Is.EqualTo((4700, "2 connections have not finished, and are reset")));
    }

    private Drain Drain(TimeSpan patience) =>
        new(() => _letPass++, () => Volatile.Read(ref _left), _manager, TimeProvider.System, _log) { Patience = patience };
}
