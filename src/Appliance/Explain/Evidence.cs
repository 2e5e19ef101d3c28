using Middlebox.Negotiation;
using Middlebox.Negotiation.History;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Explain;

/// <summary>All that is known of the connections that are asked about.</summary>
internal sealed record Evidence
{
    /// <summary>Decisions on them, and on joins with their tokens, the oldest first.</summary>
    public IReadOnlyList<DecisionRecord> Decisions { get; init; } = [];

    /// <summary>Those relayed now.</summary>
    public IReadOnlyList<FlowExamination> Flows { get; init; } = [];

    /// <summary>Those relayed once, the oldest first.</summary>
    public IReadOnlyList<EndedFlow> Ended { get; init; } = [];

    /// <summary>How the next one would be decided on, if it comes to the box as the latest one did; null if that is not known, or the question leaves open which.</summary>
    public Reason? Forecast { get; init; }

    /// <summary>Whether the box announces addresses. Joins there do not cross its queues, and are in no history.</summary>
    public bool Announces { get; init; }

    /// <summary>Endpoints of the kernel that announce an address at which nothing of the box listens.</summary>
    public IReadOnlyList<string> StrayEndpoints { get; init; } = [];
}
