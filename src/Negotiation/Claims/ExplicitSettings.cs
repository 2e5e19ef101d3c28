using Middlebox.Negotiation.Keys;

namespace Middlebox.Negotiation.Claims;

/// <summary>How a box takes part in the explicit scheme.</summary>
/// <param name="ProxyId">Its own id among the operator's proxies, 1 to 65,535.</param>
/// <param name="Preference">How much it wants connections for which no rule says otherwise, 0 to 7.</param>
/// <param name="Carrier">How its claims travel.</param>
/// <param name="Keys">What claims are signed with and checked by; null for unsigned ones.</param>
/// <param name="AcceptUnsigned">Whether others' claims count without a tag.</param>
public sealed record ExplicitSettings(
    ushort ProxyId, byte Preference, ClaimCarrier Carrier, SharedKeys? Keys, bool AcceptUnsigned);
