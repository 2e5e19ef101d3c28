namespace Middlebox.Negotiation.Wire;

/// <summary>Offsets, lengths and numbers of IPv4 (RFC 791) and IPv6 (RFC 8200). All fields are big-endian.</summary>
public static class IpConstants
{
    public const int Ipv4MinimumHeaderLength = 20;
    public const int Ipv4TrafficClassOffset = 1;
    public const int Ipv4TotalLengthOffset = 2;
    public const int Ipv4FragmentOffset = 6;
    public const int Ipv4TimeToLiveOffset = 8;
    public const int Ipv4ProtocolOffset = 9;
    public const int Ipv4ChecksumOffset = 10;
    public const int Ipv4SourceOffset = 12;
    public const int Ipv4DestinationOffset = 16;

    /// <summary>Don't Fragment, in the fragment field.</summary>
    public const ushort Ipv4DontFragment = 0x4000;

    /// <summary>More Fragments and the fragment offset: zero in a whole packet.</summary>
    public const ushort Ipv4FragmentMask = 0x3FFF;

    public const int Ipv6HeaderLength = 40;
    public const int Ipv6PayloadLengthOffset = 4;
    public const int Ipv6NextHeaderOffset = 6;
    public const int Ipv6HopLimitOffset = 7;
    public const int Ipv6SourceOffset = 8;
    public const int Ipv6DestinationOffset = 24;

    /// <summary>Octets of the fixed part of an extension header, and the unit of its length field.</summary>
    public const int ExtensionHeaderUnit = 8;

    /// <summary>
    /// The unit of the authentication header's length field, which also counts from another start (RFC 4302 section
    /// 2.2).
    /// </summary>
    public const int AuthenticationHeaderUnit = 4;

    /// <summary>Offset of Segments Left in a routing header (RFC 8200 section 4.4).</summary>
    public const int RoutingSegmentsLeftOffset = 3;

    /// <summary>RFC 8200 section 4.1 knows at most seven; a longer chain only costs time.</summary>
    public const int MaximumExtensionHeaders = 8;

    public const byte ProtocolHopByHop = 0;
    public const byte ProtocolTcp = 6;
    public const byte ProtocolRouting = 43;
    public const byte ProtocolFragment = 44;
    public const byte ProtocolAuthentication = 51;
    public const byte ProtocolDestinationOptions = 60;

    /// <summary>Hop count of packets that are made here (RFC 1700, the default of Linux).</summary>
    public const byte DefaultTimeToLive = 64;
}
