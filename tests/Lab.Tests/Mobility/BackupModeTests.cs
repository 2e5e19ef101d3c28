using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Middlebox.Appliance.Commands.Lab.Experiments.Mobility;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Mobility;

/// <summary>A moving client whose Wi-Fi is up, then falls silent for good; cellular is a backup.</summary>
public sealed partial class BackupModeTests() : ServingLabFixture("mobility")
{
    private static readonly TimeSpan WhileWifi = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    protected override LabOptions Options => new() { StartTimelines = false };

    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Links = [.. shipped.Links.Select(link => link.Name == "wifi" ? link with { Left = LostLater(link.Left), Right = LostLater(link.Right) } : link)],
    };

    /// <remarks>The bound of the switch-over is three round trips and one retransmission time-out, as the box's kernel had them shortly before: its queue is in them.</remarks>
    [Test]
    [Retry(3)]
    public async Task Backup_WifiUp_CellularCarriesNothing_WifiLost_CellularCarriesOn()
    {
        var client = new MobilityClient(Lab, MobilityMode.Backup);
        await client.PrepareAsync(Deadline);
        Lab.StartTimelines();
        var bounding = SwitchOverBoundAsync();
        var sampling = PathSampler.RunAsync(Lab, Duration, Deadline);
        var download = await DownloadLoad.RunAsync(client, Path.Combine(Lab.ContentDirectory, "100m"), Duration, Deadline);
        var samples = await sampling;
        var bound = await bounding;

        var before = samples.Last(sample => sample.At < WhileWifi);
        var (wifi, cellular) = (before.WifiDown - samples[0].WifiDown, before.CellularDown - samples[0].CellularDown);
        TestContext.Out.WriteLine($"cellular {(double)cellular / (wifi + cellular):P2} while Wi-Fi was up; longest stall {download.LongestStall.TotalSeconds:0.00} s, at most {bound.TotalSeconds:0.00} s");
        Assert.That(wifi, Is.GreaterThan(1_000_000));
        Assert.That((double)cellular / (wifi + cellular), Is.LessThan(0.02));
        Assert.That(samples[^1].CellularDown - before.CellularDown, Is.GreaterThan(1_000_000));
        Assert.That(download.LongestStall, Is.LessThan(bound));
        Assert.That((download.HasWrongBytes, download.Failure), Is.EqualTo((false, (string?)null)));
    }

    private async Task<TimeSpan> SwitchOverBoundAsync()
    {
        var watch = Stopwatch.StartNew();
        var bound = TimeSpan.Zero;
        await Condition.WaitAsync(
            async () =>
            {
                var subflow = Timing().Match((await Box.RunAsync("ss", "-tinH", "dst", "198.18.1.2")).Output);
                if (subflow.Success)
                    bound = Milliseconds(subflow, "rto") + (3 * Milliseconds(subflow, "rtt"));
                return watch.Elapsed > WhileWifi * 0.9;
            },
            Patience,
            "Wi-Fi is about to be lost",
            Deadline);
        return bound;
    }

    private static TimeSpan Milliseconds(Match subflow, string group) =>
        TimeSpan.FromMilliseconds(double.Parse(subflow.Groups[group].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\brto:(?<rto>\d+).*?\brtt:(?<rtt>[\d.]+)", RegexOptions.Singleline)]
    private static partial Regex Timing();

    private static LinkEnd LostLater(LinkEnd end) => end with
    {
        Emulation = end.Emulation! with { Timeline = [new TimelineStep(WhileWifi) { Up = false }] },
    };
}
