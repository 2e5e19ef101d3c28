using Middlebox.ProxyEngine.Paths;

namespace Middlebox.Appliance.Reports;

/// <summary>A connection that is relayed now, looked at closely.</summary>
/// <param name="Flow">What <c>flows</c> tells.</param>
/// <param name="Token">Its token, hexadecimal; null without MPTCP.</param>
/// <param name="Path">What the kernel says of its legs.</param>
public sealed record ExaminedFlowReport(FlowReport Flow, string? Token, PathSnapshot Path);
