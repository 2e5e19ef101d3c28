using Middlebox.Negotiation;

namespace Middlebox.Appliance.Reports;

/// <summary>Contexts kept now, ever created, and how those ended that have ended.</summary>
public sealed record ContextsReport(long Current, long Created, IReadOnlyDictionary<Reason, long> Released);
