using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Policy;

namespace Middlebox.ProxyEngine.Relay;

/// <summary>What a relayed connection is from its beginning to its end.</summary>
/// <param name="Key">Client and server.</param>
/// <param name="Claim">This box's claim of the connection; null if it acted by the implicit scheme.</param>
/// <param name="Admission">The place among a rule's connections, to be given back at the end; null if there is no limit.</param>
/// <param name="Reason">Why the box acts: <see cref="Reason.ServerLegacy"/>, <see cref="Reason.ServerKnownCapable"/> or <see cref="Reason.ConvertRequested"/>.</param>
/// <param name="IsMptcp">Whether the leg that is to speak MPTCP completed its handshake so. It may still fall back (RFC 8684 section 3.7).</param>
/// <param name="Token">The token of the client's MPTCP connection; null if it has none.</param>
/// <param name="Since">When the client completed its handshake.</param>
internal sealed record FlowIdentity(
    FlowKey Key, ProxyClaim? Claim, FlowAdmission? Admission, Reason Reason, bool IsMptcp, uint? Token, DateTimeOffset Since)
{
    /// <summary>Whether the server speaks MPTCP and the client does not.</summary>
    public bool IsDialled => Reason == Reason.ServerKnownCapable;

    /// <summary>Whether the client has come to the box's converter, and not through a listener of the server's port.</summary>
    public bool IsConverted => Reason == Reason.ConvertRequested;

    public static FlowIdentity Of(Handshake handshake, bool isMptcp, uint? token, DateTimeOffset since) =>
        new(
            handshake.Flow,
            handshake.Claim,
            handshake.Admission,
            handshake.IsDialled ? Reason.ServerKnownCapable : Reason.ServerLegacy,
            isMptcp,
            token,
            since);
}
