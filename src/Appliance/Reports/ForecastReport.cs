using Middlebox.Negotiation;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Reports;

/// <summary>How the next connection would be decided on.</summary>
/// <param name="Rule">Path of the key that decides.</param>
/// <param name="Action">What it says.</param>
/// <param name="Reason">How the SYN would be decided on; whether the box then acts depends on the server's answer.</param>
public sealed record ForecastReport(string Rule, PolicyAction Action, Reason Reason);
