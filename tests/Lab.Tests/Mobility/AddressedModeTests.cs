using Middlebox.Appliance.Commands.Lab.Experiments.Mobility;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Mobility;

/// <summary>A moving client that addresses the box and names the legacy server (RFC 8803); its Wi-Fi falls silent for good.</summary>
public sealed class AddressedModeTests() : ServingLabFixture("mobility")
{
    private static readonly TimeSpan WhileWifi = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(7);

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(60);

    protected override LabOptions Options => new() { StartTimelines = false };

    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Links = [.. shipped.Links.Select(link => link.Name == "wifi" ? link with { Left = LostLater(link.Left), Right = LostLater(link.Right) } : link)],
    };

    [Test]
    public async Task Addressed_BothAccessesCarry_WifiLost_CellularCarriesOn()
    {
        var client = new MobilityClient(Lab, MobilityMode.Addressed);
        await client.PrepareAsync(Deadline);
        Lab.StartTimelines();
        var sampling = PathSampler.RunAsync(Lab, Duration, Deadline);
        var download = await DownloadLoad.RunAsync(client, Path.Combine(Lab.ContentDirectory, "100m"), Duration, Deadline);
        var samples = await sampling;

        var before = samples.Last(sample => sample.At < WhileWifi);
        Assert.That(before.WifiDown - samples[0].WifiDown, Is.GreaterThan(1_000_000));
        Assert.That(before.CellularDown - samples[0].CellularDown, Is.GreaterThan(500_000));
        Assert.That(samples[^1].CellularDown - before.CellularDown, Is.GreaterThan(1_000_000));
        Assert.That((download.HasWrongBytes, download.Failure), Is.EqualTo((false, (string?)null)));
        var status = await Lab["box"].BoxStatusAsync(Deadline);
        Assert.That(status.GetProperty("converter").GetProperty("served").GetInt64(), Is.EqualTo(1));
    }

    private static LinkEnd LostLater(LinkEnd end) => end with
    {
        Emulation = end.Emulation! with { Timeline = [new TimelineStep(WhileWifi) { Up = false }] },
    };
}
