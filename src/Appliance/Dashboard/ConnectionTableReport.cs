namespace Middlebox.Appliance.Dashboard;

/// <summary>What the page's table shows; the JSON names are a contract with the page.</summary>
/// <param name="Now">The box's clock, in milliseconds since 1970.</param>
/// <param name="Relayed">Connections relayed; more than there are rows if they are too many.</param>
/// <param name="Rows">The rows.</param>
internal sealed record ConnectionTableReport(long Now, int Relayed, IReadOnlyList<ConnectionRow> Rows);
