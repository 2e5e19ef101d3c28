using System.Text.Json;
using Middlebox.Appliance.Commands.Lab.Experiments.Mobility;
using Middlebox.Appliance.Reports;

namespace Middlebox.Lab.Tests.Mobility;

[Parallelizable(ParallelScope.All)]
public sealed class MobilityReportTests
{
    private static readonly MobilityReport ThreeRuns = new([Run(1, 10.04), Run(2, 30), Run(3, 20)]);

    [Test]
    public void Json_HasEachRun_WithoutWhatOnlyPicturesNeed()
    {
        var runs = JsonElement.Parse(JsonSerializer.Serialize(ThreeRuns.Json, ReportJson.Options));

        Assert.That(runs.GetArrayLength(), Is.EqualTo(3));
        Assert.That(runs[1].GetProperty("mode").GetString(), Is.EqualTo("addressed"));
        Assert.That(runs[1].GetProperty("meanMbits").GetDouble(), Is.EqualTo(30));
        Assert.That(runs[1].TryGetProperty("samples", out _), Is.False);
    }

    [Test]
    public async Task Text_HasTheMedianAndTheRange()
    {
        var text = new StringWriter();
        await ThreeRuns.WriteAsync(text);
        Assert.That(text.ToString(), Does.Contain("MPTCP addressed").And.Contain("20.0 (10.0-30.0)"));
    }

    private static MobilityResult Run(int number, double meanMbits) => new(
        "mobility", MobilityMode.Addressed, number, meanMbits, 0.3, HasWrongBytes: false, Failure: null, 0, 75, 0.12, 0, 29.8, 138, 0.4,
        WasProxied: true, [new PathSample(TimeSpan.Zero, 1, 2, 3, 4)]);
}
