using Middlebox.Negotiation;

namespace Middlebox.Appliance.Reports;

/// <summary>One connection as <c>middlebox flows</c> tells it; the JSON names are a contract.</summary>
/// <param name="Client">Address and port of the client, as the server sees it.</param>
/// <param name="Server">Address and port of the server, as the client sees it.</param>
/// <param name="Mptcp">Whether the side that was to speak MPTCP does: the client's, or the server's for a client that does not speak it.</param>
/// <param name="Subflows">Its subflows.</param>
/// <param name="BytesUp">Bytes from client to server.</param>
/// <param name="BytesDown">Bytes from server to client.</param>
/// <param name="Reason">Why the box acted.</param>
/// <param name="Claim">The claim by which it was chosen; null if it acted by the implicit scheme.</param>
/// <param name="Since">When the relay began.</param>
public sealed record FlowReport(
    string Client,
    string Server,
    bool Mptcp,
    IReadOnlyList<SubflowReport> Subflows,
    long BytesUp,
    long BytesDown,
    Reason Reason,
    ClaimReport? Claim,
    DateTimeOffset Since);
