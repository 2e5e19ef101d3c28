namespace Middlebox.Appliance.Dashboard;

/// <summary>One connection, looked at closely; the JSON names are a contract with the page.</summary>
/// <param name="Client">Address and port of the client.</param>
/// <param name="Server">Address and port of the server.</param>
/// <param name="IsRelayed">Whether it is relayed now.</param>
/// <param name="Token">Its token, hexadecimal; null without MPTCP.</param>
/// <param name="Subflows">The client's legs, the first one first.</param>
/// <param name="ServerLeg">The server's leg; null if it is not relayed.</param>
/// <param name="Events">What was seen and decided, the oldest first.</param>
internal sealed record ConnectionDetailReport(
    string Client,
    string Server,
    bool IsRelayed,
    string? Token,
    IReadOnlyList<SubflowRow> Subflows,
    SubflowRow? ServerLeg,
    IReadOnlyList<TimelineEvent> Events);
