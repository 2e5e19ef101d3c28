namespace Middlebox.Appliance.Reports;

/// <summary>One line of what <c>trace</c> is sent; exactly one of the members is set. The JSON names are a contract.</summary>
/// <param name="Tracing">The box's name, in the first line: decisions are watched from now on.</param>
/// <param name="Decision">A decision.</param>
/// <param name="Lost">Decisions that were overwritten before they could be told, because the reader is slow.</param>
/// <param name="Error">What is wrong with the request.</param>
public sealed record TraceReport(
    string? Tracing = null, DecisionReport? Decision = null, long? Lost = null, string? Error = null);
