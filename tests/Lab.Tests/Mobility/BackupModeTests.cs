using Middlebox.Appliance.Commands.Lab.Experiments.Mobility;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Mobility;

/// <summary>A moving client whose Wi-Fi is up, then falls silent for good; cellular is a backup.</summary>
public sealed class BackupModeTests() : ServingLabFixture("mobility")
{
    private static readonly TimeSpan WhileWifi = TimeSpan.FromSeconds(4);

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    protected override LabOptions Options => new() { StartTimelines = false };

    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Links = [.. shipped.Links.Select(link => link.Name == "wifi" ? link with { Left = LostLater(link.Left), Right = LostLater(link.Right) } : link)],
    };

    [Test]
    public async Task Backup_WifiUp_CellularCarriesNothing_WifiLost_CellularCarriesOn()
    {
        var client = new MobilityClient(Lab, MobilityMode.Backup);
        await client.PrepareAsync(Deadline);
        Lab.StartTimelines();
        var sampling = PathSampler.RunAsync(Lab, TimeSpan.FromSeconds(15), Deadline);
        var download = await DownloadLoad.RunAsync(client, Path.Combine(Lab.ContentDirectory, "100m"), TimeSpan.FromSeconds(15), Deadline);
        var samples = await sampling;

        var before = samples.Last(sample => sample.At < WhileWifi);
        var (wifi, cellular) = (before.WifiDown - samples[0].WifiDown, before.CellularDown - samples[0].CellularDown);
        TestContext.Out.WriteLine($"cellular {(double)cellular / (wifi + cellular):P2} while Wi-Fi was up; longest stall {download.LongestStall.TotalSeconds:0.0} s");
        Assert.That(wifi, Is.GreaterThan(1_000_000));
        Assert.That((double)cellular / (wifi + cellular), Is.LessThan(0.02));
        Assert.That(samples[^1].CellularDown - before.CellularDown, Is.GreaterThan(1_000_000));
        Assert.That((download.HasWrongBytes, download.Failure), Is.EqualTo((false, (string?)null)));
    }

    private static LinkEnd LostLater(LinkEnd end) => end with
    {
        Emulation = end.Emulation! with { Timeline = [new TimelineStep(WhileWifi) { Up = false }] },
    };
}
