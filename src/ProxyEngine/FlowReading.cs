using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine.Paths;

namespace Middlebox.ProxyEngine;

/// <summary>What a relayed connection and each of its legs have carried, at one moment.</summary>
/// <param name="Key">Client and server, as both of them see the connection.</param>
/// <param name="Token">Token that MP_JOINs for it carry; null without MPTCP.</param>
/// <param name="Since">When the relay began.</param>
/// <param name="BytesUp">From the client to the server.</param>
/// <param name="BytesDown">From the server to the client.</param>
/// <param name="Subflows">The client's subflows; empty if it speaks plain TCP, or if one came or went just now.</param>
/// <param name="Client">The client's first subflow or plain connection; null if it has closed.</param>
/// <param name="Server">The server's leg; null if it has closed.</param>
/// <param name="Reason">Why the box acted.</param>
/// <param name="IsClaimed">Whether it came to this box by a claim.</param>
public sealed record FlowReading(
    FlowKey Key,
    uint? Token,
    DateTimeOffset Since,
    long BytesUp,
    long BytesDown,
    IReadOnlyList<SubflowReading> Subflows,
    LegReading? Client,
    LegReading? Server,
    Reason Reason,
    bool IsClaimed);
