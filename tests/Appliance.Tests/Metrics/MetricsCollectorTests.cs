using System.Diagnostics.Metrics;
using Middlebox.Appliance.Metrics;

namespace Middlebox.Appliance.Tests.Metrics;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class MetricsCollectorTests : IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly MetricsCollector _collector;

    public MetricsCollectorTests() => _collector = new MetricsCollector(_meter);

    public void Dispose()
    {
        _collector.Dispose();
        _meter.Dispose();
    }

    [Test]
    public void Gauge_IsReadAtEachScrape()
    {
        var value = 3L;
        _meter.CreateObservableGauge("box.flows", () => value, "{flow}", "Flows now");
        Assert.That(_collector.Write(), Is.EqualTo("# HELP box_flows Flows now\n# TYPE box_flows gauge\nbox_flows 3\n"));
        value = 4;
        Assert.That(_collector.Write(), Does.EndWith("box_flows 4\n"));
    }

    [Test]
    public void Counter_WithUnitAndLabels_IsNamedByTheConventions()
    {
        _meter.CreateObservableCounter(
            "box.relayed", () => new Measurement<long>(7, new KeyValuePair<string, object?>("direction", "up")), "By", "Bytes");
        Assert.That(_collector.Write(), Does.Contain("# TYPE box_relayed_bytes_total counter\nbox_relayed_bytes_total{direction=\"up\"} 7\n"));
    }

    [Test]
    public void LabelValue_WithQuotesAndLineFeed_IsEscaped()
    {
        _meter.CreateObservableGauge("box.info", () => new Measurement<long>(1, new KeyValuePair<string, object?>("name", "a\"b\\c\nd")));
        Assert.That(_collector.Write(), Does.Contain("box_info{name=\"a\\\"b\\\\c\\nd\"} 1\n"));
    }

    [Test]
    public void Histogram_CountsEachValueInItsBucketAndAllAbove()
    {
        var histogram = _meter.CreateHistogram(
            "box.setup", "s", "Set-up", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in new[] { 0.05, 0.1, 0.5, 7 })
            histogram.Record(value, new KeyValuePair<string, object?>("end", "finished"));
        Assert.That(_collector.Write(), Does.EndWith(
            "# TYPE box_setup_seconds histogram\n"
            + "box_setup_seconds_bucket{end=\"finished\",le=\"0.1\"} 2\n"
            + "box_setup_seconds_bucket{end=\"finished\",le=\"1\"} 3\n"
            + "box_setup_seconds_bucket{end=\"finished\",le=\"+Inf\"} 4\n"
            + "box_setup_seconds_sum{end=\"finished\"} 7.65\n"
            + "box_setup_seconds_count{end=\"finished\"} 4\n"));
    }

    [Test]
    public void Instruments_OfAnotherMeter_AreNotSeen()
    {
        using var other = new Meter("test");
        other.CreateObservableGauge("box.flows", () => 1L);
        Assert.That(_collector.Write(), Is.Empty);
    }

    [Test]
    public void Unit_WithoutAName_IsRefused() =>
        Assert.That(() => _meter.CreateObservableGauge("box.speed", () => 1L, "m/s"), Throws.TypeOf<NotSupportedException>());
}
