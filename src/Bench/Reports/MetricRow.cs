using Middlebox.Bench.Figures;
using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Reports;

/// <summary>One metric on all ways.</summary>
/// <param name="Metric">Which.</param>
/// <param name="Reference">The way that ratios refer to.</param>
/// <param name="Ways">The values by way; of valid runs only.</param>
public sealed record MetricRow(Metric Metric, WayName Reference, IReadOnlyDictionary<WayName, Summary> Ways)
{
    /// <summary>Medians as multiples of the reference's; without it, if that has no value or is 0.</summary>
    public IReadOnlyDictionary<WayName, double> Ratios { get; } =
        Ways.TryGetValue(Reference, out var reference) && reference.Median != 0
            ? Ways.Where(way => way.Key != Reference).ToDictionary(way => way.Key, way => way.Value.Median / reference.Median)
            : new Dictionary<WayName, double>();
}
