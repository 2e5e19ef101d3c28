namespace Middlebox.Appliance.Reports;

/// <summary>What <c>middlebox upgrade</c> is told by the daemon that is to end.</summary>
/// <param name="Kept">Whether it has a keeper, without which it does not end.</param>
/// <param name="Connections">Connections that another daemon is to go on with.</param>
public sealed record UpgradeReport(bool Kept, int Connections);
