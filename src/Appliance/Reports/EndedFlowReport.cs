using Middlebox.ProxyEngine.Relay;

namespace Middlebox.Appliance.Reports;

/// <summary>A connection that was relayed.</summary>
/// <param name="Client">Address and port of the client.</param>
/// <param name="Server">Address and port of the server.</param>
/// <param name="Mptcp">Whether the client's side spoke MPTCP after the handshake.</param>
/// <param name="Since">When the relay began.</param>
/// <param name="Seconds">How long it went on.</param>
/// <param name="End">How it ended.</param>
/// <param name="BytesUp">Bytes from client to server.</param>
/// <param name="BytesDown">Bytes from server to client.</param>
public sealed record EndedFlowReport(
    string Client, string Server, bool Mptcp, DateTimeOffset Since, double Seconds, FlowEnd End, long BytesUp, long BytesDown);
