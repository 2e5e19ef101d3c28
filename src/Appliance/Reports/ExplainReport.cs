namespace Middlebox.Appliance.Reports;

/// <summary>What <c>middlebox explain</c> tells; the JSON names are a contract. Lists are cut to the latest.</summary>
public sealed record ExplainReport
{
    /// <summary>What is wrong with the question; null if nothing, and then all else is there.</summary>
    public string? Error { get; init; }

    /// <summary>How the next connection would be decided on that the box forwards; null if it is one of this host's own, or the question leaves open which.</summary>
    public ForecastReport? Next { get; init; }

    /// <summary>The same, if its SYN names the server to this box; null if none can, or as above.</summary>
    public NamedForecastReport? NextNamed { get; init; }

    /// <summary>The same, if it is one of this host's own; null otherwise.</summary>
    public HostForecastReport? NextOfHost { get; init; }

    /// <summary>What was decided, the oldest first.</summary>
    public IReadOnlyList<DecisionReport> Decisions { get; init; } = [];

    public IReadOnlyList<ExaminedFlowReport> Flows { get; init; } = [];

    public IReadOnlyList<EndedFlowReport> Ended { get; init; } = [];

    /// <summary>Counters of the kernel (MPTcpExt) that are not 0: of all connections since the network namespace began.</summary>
    public IReadOnlyList<KernelCounterReport> KernelCounters { get; init; } = [];

    public IReadOnlyList<FindingReport> Findings { get; init; } = [];
}
