namespace Middlebox.Negotiation.Claims;

/// <summary>What a claim says: which proxy, and how much it wants the connection.</summary>
/// <param name="ProxyId">The proxy; 0 if the carrier cannot tell.</param>
/// <param name="Preference">0 to 7; the higher one wins, and among equals the one nearer the client.</param>
public readonly record struct ProxyClaim(ushort ProxyId, byte Preference)
{
    public const byte HighestPreference = 7;
}
