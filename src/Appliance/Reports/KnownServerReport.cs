using Middlebox.Negotiation.Servers;

namespace Middlebox.Appliance.Reports;

/// <summary>A server of legacy clients as <c>middlebox servers</c> tells it; the JSON names are a contract.</summary>
/// <param name="Server">Address and port.</param>
/// <param name="Capability">What is known of it.</param>
/// <param name="AgeSeconds">Since when.</param>
/// <param name="RemainingSeconds">For how long it counts.</param>
public sealed record KnownServerReport(string Server, ServerCapability Capability, double AgeSeconds, double RemainingSeconds);
