namespace Middlebox.Appliance.Reports;

/// <summary>What <c>middlebox servers --clear</c> did; the JSON names are a contract.</summary>
/// <param name="Cleared">Servers that were forgotten.</param>
public sealed record ClearedServersReport(int Cleared);
