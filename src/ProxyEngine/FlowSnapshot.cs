using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.ProxyEngine.Paths;

namespace Middlebox.ProxyEngine;

/// <summary>What can be told of a relayed connection at one moment.</summary>
/// <param name="Key">Client and server, as both of them see the connection.</param>
/// <param name="IsMptcp">Whether the side that was to speak MPTCP did in the handshake: the client's, or the server's if the box dialled it.</param>
/// <param name="Subflows">Its subflows; empty if it does not.</param>
/// <param name="BytesUp">From the client to the server.</param>
/// <param name="BytesDown">From the server to the client.</param>
/// <param name="Reason">Why the box acted.</param>
/// <param name="Claim">The claim by which it was chosen; null in the implicit scheme.</param>
/// <param name="Since">When the relay began.</param>
public sealed record FlowSnapshot(
    FlowKey Key,
    bool IsMptcp,
    IReadOnlyList<Subflow> Subflows,
    long BytesUp,
    long BytesDown,
    Reason Reason,
    ProxyClaim? Claim,
    DateTimeOffset Since);
