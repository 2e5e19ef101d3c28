using Middlebox.Bench.Load;

namespace Middlebox.Bench.Figures;

/// <summary>What one run of a case on one way has shown.</summary>
/// <param name="Evidence">What both ends saw of the connections; null where there are none to be seen.</param>
/// <param name="Samples">The values.</param>
/// <param name="Cost">What to divide the proxy's processor time by; null if that is not asked for.</param>
internal sealed record CaseOutcome(LoadEvidence? Evidence, IReadOnlyList<Sample> Samples, CostBase? Cost = null)
{
    /// <summary>What speaks against the run beside the counters. Default: nothing.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];
}
