using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine;

/// <summary>What is remembered of a connection that was relayed.</summary>
/// <param name="Key">Client and server.</param>
/// <param name="Reason">Why the box acted.</param>
/// <param name="WasMptcp">Whether the handshake was completed with MPTCP.</param>
/// <param name="Token">Its token; null without MPTCP.</param>
/// <param name="Since">When the relay began.</param>
/// <param name="Duration">How long it went on.</param>
/// <param name="End">How it ended.</param>
/// <param name="BytesUp">From the client to the server.</param>
/// <param name="BytesDown">From the server to the client.</param>
public sealed record EndedFlow(
    FlowKey Key, Reason Reason, bool WasMptcp, uint? Token, DateTimeOffset Since, TimeSpan Duration, FlowEnd End, long BytesUp, long BytesDown);
