using Middlebox.Appliance.Explain;

namespace Middlebox.Appliance.Reports;

/// <summary>A known cause that was recognized.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Connections">Connections at which it was.</param>
/// <param name="Example">The latest of them; null if it is about none in particular.</param>
/// <param name="Detail">What was seen there.</param>
/// <param name="Advice">What it means and what to do.</param>
public sealed record FindingReport(Cause Cause, int Connections, string? Example, string Detail, string Advice);
