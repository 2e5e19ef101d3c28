using Middlebox.Bench.Figures;
using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Reports;

/// <summary>One run of one case on one way.</summary>
/// <param name="Case">What was measured.</param>
/// <param name="Reference">The way that the case's ratios refer to.</param>
/// <param name="Way">Where.</param>
/// <param name="Round">From 1.</param>
/// <param name="Flows">Connections that both ends agree on.</param>
/// <param name="Samples">The values.</param>
/// <param name="Faults">What speaks against the run; empty for a valid one.</param>
public sealed record RunRecord(
    string Case, WayName Reference, WayName Way, int Round, long Flows, IReadOnlyList<Sample> Samples, IReadOnlyList<string> Faults)
{
    /// <summary>Whether the run measured what it says.</summary>
    public bool Valid => Faults.Count == 0;
}
