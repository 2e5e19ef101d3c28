using Middlebox.ProxyEngine.Relay;

namespace Middlebox.Appliance.Reports;

/// <summary>Connections relayed now, ever, and how those ended that have ended.</summary>
public sealed record FlowTotals(long Active, long Total, IReadOnlyDictionary<FlowEnd, long> Ended);
