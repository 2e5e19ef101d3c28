using Middlebox.Appliance.Service;

namespace Middlebox.Appliance.Tests.Service;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class LifeSignsTests
{
    [Test]
    public async Task Threads_GoRound_TheWatchdogHearsOfIt_StandStill_ItDoesNot()
    {
        using var directory = new TemporaryDirectory();
        using var socket = new NotifySocket(directory.File("notify"));
        using var manager = new ServiceManager(socket.Name, "30000");
        var log = new RecordingLogger();
        var silence = TimeSpan.Zero;
        await using var signs = new LifeSigns(manager, () => silence, () => "Serving", TimeProvider.System, log);

        Assert.That((socket.Next()["WATCHDOG"], socket.Next()["STATUS"]), Is.EqualTo(("1", "Serving")));

        silence = TimeSpan.FromSeconds(11);
        Assert.That(log.Next().Id, Is.EqualTo(4702));
        while (socket.HasMore)
            socket.Next();
        silence = TimeSpan.FromSeconds(12);
        Assert.That(() => socket.HasMore, Is.False.After(100));
        Assert.That(log.Count, Is.Zero, "it is told once");

        silence = TimeSpan.Zero;
        Assert.That(socket.Next()["WATCHDOG"], Is.EqualTo("1"));
    }
}
