using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Policy;

namespace Middlebox.ProxyEngine.Relay;

/// <summary>What a relayed connection is from its beginning to its end.</summary>
/// <param name="Key">Client and server.</param>
/// <param name="Claim">This box's claim of the connection; null if it acted by the implicit scheme.</param>
/// <param name="Admission">The place among a rule's connections, to be given back at the end; null if there is no limit.</param>
/// <param name="Reason">Why the box acts: <see cref="Reason.ServerLegacy"/>, <see cref="Reason.ServerKnownCapable"/>, <see cref="Reason.ConvertRequested"/>,
/// <see cref="Reason.NamedServerLegacy"/> or <see cref="Reason.HostProxied"/>.</param>
/// <param name="IsMptcp">Whether the leg that is to speak MPTCP completed its handshake so. It may still fall back (RFC 8684 section 3.7).</param>
/// <param name="Token">The token of the client's MPTCP connection; null if it has none.</param>
/// <param name="Since">When the client completed its handshake.</param>
internal sealed record FlowIdentity(
    FlowKey Key, ProxyClaim? Claim, FlowAdmission? Admission, Reason Reason, bool IsMptcp, uint? Token, DateTimeOffset Since)
{
    /// <summary>Whether the server speaks MPTCP and the client does not.</summary>
    public bool IsDialled => Reason == Reason.ServerKnownCapable;

    /// <summary>Whether the client has come to the box's converter.</summary>
    public bool IsConverted => Reason == Reason.ConvertRequested;

    /// <summary>Whether the client has named the server in its SYN to the box.</summary>
    public bool IsAddressed => Reason == Reason.NamedServerLegacy;

    /// <summary>Whether the client is a program of this host, and the server is reached through another's converter.</summary>
    public bool IsHostProxied => Reason == Reason.HostProxied;

    /// <summary>Whether it is the server's side that is to speak MPTCP, and not the client's.</summary>
    public bool IsMptcpTowardsServer => IsDialled || IsHostProxied;

    /// <summary>Whether the client has come through a transparent listener of the server's port, and neither to an address of the box nor from this host.</summary>
    public bool IsOnPath => !IsConverted && !IsAddressed && !IsHostProxied;

    public static FlowIdentity Of(Handshake handshake, bool isMptcp, uint? token, DateTimeOffset since) =>
        new(
            new FlowKey(handshake.Flow.Client, handshake.ServerFlow.Server),
            handshake.Claim,
            handshake.Admission,
            handshake.IsDialled ? Reason.ServerKnownCapable : handshake.IsAddressed ? Reason.NamedServerLegacy : Reason.ServerLegacy,
            isMptcp,
            token,
            since);
}
