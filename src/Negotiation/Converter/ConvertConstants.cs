namespace Middlebox.Negotiation.Converter;

/// <summary>Lengths and numbers of the Convert protocol (RFC 8803 section 6). All fields are big-endian.</summary>
public static class ConvertConstants
{
    /// <summary>The only version that there is; 0 is reserved (section 6.1).</summary>
    public const byte Version = 1;

    /// <summary>The RFC's number.</summary>
    public const ushort Magic = 0x2263;

    /// <summary>All lengths on the wire count words of this many octets.</summary>
    public const int WordLength = 4;

    /// <summary>The fixed header (section 6.1).</summary>
    public const int HeaderLength = 4;

    /// <summary>255 words: all that the total length can say, the fixed header included.</summary>
    public const int MaximumMessageLength = byte.MaxValue * WordLength;

    /// <summary>Type and length of a TLV (section 6.2.1).</summary>
    public const int TlvHeaderLength = 2;

    /// <summary>Words of an Info TLV (section 6.2.3).</summary>
    public const int InfoWords = 1;

    /// <summary>Words of a Connect TLV without TCP options (section 6.2.5).</summary>
    public const int BaseConnectWords = 5;

    /// <summary>Octets that are zero or unassigned at the beginning of the value of most TLVs, for alignment.</summary>
    public const int UnassignedLength = 2;
}
