namespace Middlebox.Appliance.Reports;

/// <summary>The claim by which a connection came to this box in the explicit scheme.</summary>
public sealed record ClaimReport(int ProxyId, int Preference);
