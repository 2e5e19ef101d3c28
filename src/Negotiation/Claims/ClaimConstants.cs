using Middlebox.Negotiation.Keys;

namespace Middlebox.Negotiation.Claims;

/// <summary>The format of a claim (docs/explicit.md): numbers that are on the wire or under the tag.</summary>
internal static class ClaimConstants
{
    public const byte Version = 0;

    /// <summary>Octet 2, beside the subtype: P, and the preference below it.</summary>
    public const byte ProxyFlag = 0x08;
    public const byte PreferenceMask = 0x07;

    /// <summary>Octet 3: the version above, the key's id below.</summary>
    public const int VersionShift = 6;
    public const byte KeyIdMask = SharedKeys.HighestId;

    public const int FlagsOffset = 2;
    public const int KeyOffset = 3;
    public const int ProxyIdOffset = 4;
    public const int SynTagOffset = 6;
    public const int SynAckTagOffset = 4;

    /// <summary>In a SYN: 6 octets unsigned, 14 with a tag of 8.</summary>
    public const int UnsignedLength = 6;
    public const int SynTagLength = 8;
    public const int SynLength = SynTagOffset + SynTagLength;

    /// <summary>In a SYN/ACK: 8 octets, either a tag of 4 or, unsigned, 6 with the proxy's id.</summary>
    public const int SynAckTagLength = 4;
    public const int SynAckLength = SynAckTagOffset + SynAckTagLength;
}
