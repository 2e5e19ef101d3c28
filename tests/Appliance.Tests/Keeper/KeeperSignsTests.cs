using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Middlebox.Appliance.Keeper;
using Middlebox.Appliance.Service;
using Middlebox.Lab;

namespace Middlebox.Appliance.Tests.Keeper;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class KeeperSignsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Test]
    public async Task Keeper_IsToldForHowLong_AndAtTheEndHowLongThatMayTake()
    {
        var told = new ConcurrentQueue<TimeSpan>();
        await using (new KeeperSigns(told.Enqueue, () => TimeSpan.Zero, TimeProvider.System))
            await Condition.WaitAsync(() => !told.IsEmpty, Patience, "it is told at once");

        Assert.That(told.Distinct(), Is.EqualTo(new[] { KeeperSigns.LongestStandstill, KeeperSigns.LongestEnd }));
        Assert.That(told.Last(), Is.EqualTo(KeeperSigns.LongestEnd));
    }

    [Test]
    public async Task Threads_StandStill_KeeperIsToldNothingButTheEnd()
    {
        var told = new ConcurrentQueue<TimeSpan>();
        var asked = 0;
        await using (new KeeperSigns(told.Enqueue, () => LifeSigns.LongestSilence + TimeSpan.FromSeconds(Interlocked.Increment(ref asked)), TimeProvider.System))
            await Condition.WaitAsync(() => Volatile.Read(ref asked) > 0, Patience, "it is asked");

        Assert.That(told, Is.EqualTo(new[] { KeeperSigns.LongestEnd }));
    }

    // Or the service manager would kill the keeper before it has put the host back as it was.
    [Test]
    public void LongestEnd_AndTheRestorationAfterIt_AreGrantedByTheServiceManager()
    {
        const string Key = "TimeoutStopSec=";
        var line = File.ReadAllLines(Shipped("middlebox.service")).Single(line => line.StartsWith(Key, StringComparison.Ordinal));
        var granted = double.Parse(line[Key.Length..], CultureInfo.InvariantCulture);
        Assert.That(KeeperSigns.LongestEnd + DaemonKeeper.RestorationPatience, Is.LessThan(TimeSpan.FromSeconds(granted)));
    }

    private static string Shipped(string name, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "../../../packaging", name);
}
