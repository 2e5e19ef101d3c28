using Middlebox.Appliance.Options;
using Middlebox.Negotiation;

namespace Middlebox.Appliance.Reports;

/// <summary>What <c>middlebox status</c> tells; the JSON names are a contract.</summary>
public sealed record StatusReport
{
    public required string Name { get; init; }

    public required NegotiationMode Mode { get; init; }

    public required DateTimeOffset Since { get; init; }

    public required ContextsReport Contexts { get; init; }

    public required FlowTotals Flows { get; init; }

    /// <summary>SYNs for which no context was made, by reason.</summary>
    public required IReadOnlyDictionary<Reason, long> Bypassed { get; init; }

    /// <summary>What became of claims: own ones made, others' replaced or refused, by reason.</summary>
    public required IReadOnlyDictionary<Reason, long> Claims { get; init; }

    /// <summary>Null unless the box is a converter.</summary>
    public ConverterReport? Converter { get; init; }

    /// <summary>Null unless hosts may name their servers to the box in the SYN.</summary>
    public AddressedReport? Addressed { get; init; }

    /// <summary>Null unless this host's own connections go over a proxy.</summary>
    public HostProxyReport? HostProxy { get; init; }

    public required PacketsReport Packets { get; init; }
}
