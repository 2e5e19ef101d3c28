using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Reports;

/// <summary>Everything that a benchmark has shown.</summary>
/// <param name="Environment">Where.</param>
/// <param name="Options">What was asked for.</param>
/// <param name="Runs">Every run, valid or not.</param>
public sealed record BenchReport(BenchEnvironment Environment, BenchOptions Options, IReadOnlyList<RunRecord> Runs)
{
    /// <summary>Whether every run measured what it says.</summary>
    public bool Valid => Runs.All(run => run.Valid);

    /// <summary>The metrics in the order in which they were measured, from valid runs.</summary>
    public IReadOnlyList<MetricRow> Metrics { get; } =
    [
        .. Runs.Where(run => run.Valid)
            .SelectMany(run => run.Samples.Select(sample => (run, sample)))
            .GroupBy(pair => (pair.sample.Metric, pair.run.Reference))
            .Select(metric => new MetricRow(
                metric.Key.Metric,
                metric.Key.Reference,
                metric.GroupBy(pair => pair.run.Way)
                    .ToDictionary(way => way.Key, way => Summary.Of([.. way.Select(pair => pair.sample.Value)])))),
    ];

    /// <summary>The ways in the order of the table.</summary>
    public IReadOnlyList<Way> WaysUsed => [.. Way.All.Where(way => Runs.Any(run => run.Way == way.Name))];
}
