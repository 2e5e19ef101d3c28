using System.Xml.Linq;
using Middlebox.Bench.Figures;
using Middlebox.Bench.Load;
using Middlebox.Bench.Reports;
using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Tests;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ReportTests
{
    private static readonly Metric Rate = new("rate", "connections < per second", "1/s", MoreIsBetter: true);

    [TestCase(new double[] { 3, 1, 2 }, 2)]
    [TestCase(new double[] { 4, 1, 2, 3 }, 2.5)]
    [TestCase(new double[] { 7 }, 7)]
    public void Summary_TellsMedianAndSpread(double[] values, double median)
    {
        var summary = Summary.Of(values);
        Assert.That(summary.Median, Is.EqualTo(median));
        Assert.That((summary.Least, summary.Most), Is.EqualTo((values.Min(), values.Max())));
        Assert.That(summary.Values, Is.EqualTo(values));
    }

    [Test]
    public void Ratios_AreToTheReference()
    {
        var row = Report(Run(WayName.Box, 30), Run(WayName.Haproxy, 20)).Metrics.Single();
        Assert.That(row.Ratios, Is.EqualTo(new Dictionary<WayName, double> { [WayName.Box] = 1.5 }));
    }

    [Test]
    public void RunThatIsNotValid_IsLeftOut_AndTold()
    {
        var report = Report(Run(WayName.Box, 30), Run(WayName.Haproxy, 20, "no MPTCP"));
        Assert.That(report.Valid, Is.False);
        Assert.That(report.Metrics.Single().Ways.Keys, Is.EqualTo(new[] { WayName.Box }));
        Assert.That(report.Metrics.Single().Ratios, Is.Empty);
    }

    [Test]
    public void Chart_IsXml_WithABarForEachWay()
    {
        var svg = XDocument.Parse(SvgChart.Draw(Report(Run(WayName.Box, 30), Run(WayName.Haproxy, 20))));
        XNamespace ns = "http://www.w3.org/2000/svg";
        var bars = svg.Root!.Elements(ns + "rect").Where(bar => (string?)bar.Attribute("x") == "580").ToList();
        Assert.That(bars.Select(bar => (double)bar.Attribute("width")!), Is.EqualTo(new[] { 400, 266.7 }));
        Assert.That(svg.Root.Elements(ns + "text").Select(text => text.Value), Has.Some.Contains("connections < per second"));
    }

    [Test]
    public void Latencies_PercentilesAreExact()
    {
        var latencies = new Latencies();
        for (var i = 1000; i > 0; i--)
            latencies.Add(i * System.Diagnostics.Stopwatch.Frequency / 1000);
        Assert.That(latencies.Microseconds(50), Is.EqualTo(500_000).Within(1));
        Assert.That(latencies.Microseconds(99), Is.EqualTo(990_000).Within(1));
        Assert.That(latencies.Microseconds(100), Is.EqualTo(1_000_000).Within(1));
    }

    private static RunRecord Run(WayName way, double value, params string[] faults) =>
        new("rate", WayName.Haproxy, way, 1, 1, [new Sample(Rate, value)], faults);

    private static BenchReport Report(params RunRecord[] runs) =>
        new(new BenchEnvironment(default, "6.1", "cpu", 2, "reno", "HAProxy version 2.6", "iperf 3.12", ".NET"), new BenchOptions(), runs);
}
