using System.Diagnostics;
using Middlebox.Appliance.Service;

namespace Middlebox.Appliance.Tests.Service;

/// <summary>The datagrams of sd_notify(3), received by a real socket.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class ServiceManagerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly NotifySocket _socket;
    private readonly ServiceManager _manager;

    public ServiceManagerTests()
    {
        _socket = new NotifySocket(_directory.File("notify"));
        _manager = new ServiceManager(_socket.Name, "30000000");
    }

    public void Dispose()
    {
        _manager.Dispose();
        _socket.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Ready_WithStatus()
    {
        _manager.Ready("Serving");
        Assert.That(_socket.Next(), Is.EqualTo(new Dictionary<string, string> { ["READY"] = "1", ["STATUS"] = "Serving" }));
    }

    [Test]
    public void Reloading_WithTheKernelsMonotonicTime()
    {
        var before = (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds;
        _manager.Reloading();
        var told = _socket.Next();
        Assert.That(told["RELOADING"], Is.EqualTo("1"));
        Assert.That(long.Parse(told["MONOTONIC_USEC"]), Is.InRange(before, before + 20_000_000));
    }

    [Test]
    public void Live_TellsTheWatchdog_IfThereIsOne([Values(null, "", "0", "-1", "soon", "30000000")] string? watchdog)
    {
        using var manager = new ServiceManager(_socket.Name, watchdog);
        manager.Live("Serving");
        Assert.That(_socket.Next().ContainsKey("WATCHDOG"), Is.EqualTo(watchdog == "30000000"));
        Assert.That(manager.WatchdogTimeout, Is.EqualTo(watchdog == "30000000" ? TimeSpan.FromSeconds(30) : (TimeSpan?)null));
    }

    [Test]
    public void Stopping_AsksForTime()
    {
        _manager.Stopping("Stopping", TimeSpan.FromSeconds(30));
        var told = _socket.Next();
        Assert.That((told["STOPPING"], told["EXTEND_TIMEOUT_USEC"]), Is.EqualTo(("1", "30000000")));
    }

    [Test]
    public void AbstractSocket_IsToldToo()
    {
        using var socket = new NotifySocket($"@mbx-{Guid.NewGuid()}");
        using var manager = new ServiceManager(socket.Name, null);
        manager.Ready("Serving");
        Assert.That(socket.Next()["READY"], Is.EqualTo("1"));
    }

    [Test]
    public void NobodyListens_NothingHappens([Values(null, "")] string? socket)
    {
        using var manager = new ServiceManager(socket, "30000000");
        manager.Ready("Serving");
        Assert.That((manager.IsThere, manager.WatchdogTimeout), Is.EqualTo((false, (TimeSpan?)null)));
    }

    [Test]
    public void ManagerThatHasGone_OrDoesNotRead_HoldsNothingUp()
    {
        for (var i = 0; i < 10_000; i++)
            _manager.Live("Serving");
        _socket.Dispose();
        _manager.Live("Serving");
    }
}
