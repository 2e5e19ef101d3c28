namespace Middlebox.Negotiation.Wire;

/// <summary>Octet 3 of MP_CAPABLE (RFC 8684 section 3.1, figure 4).</summary>
[Flags]
public enum MpCapableFlags : byte
{
    None = 0,

    /// <summary>A: the sender requires DSS checksums.</summary>
    ChecksumRequired = 0x80,

    /// <summary>B: must be 0 in version 1; the bit in which draft-wei-mptcp-proxy-mechanism carries P.</summary>
    Extensibility = 0x40,

    /// <summary>C: no further subflows to this packet's source address and port.</summary>
    DenyJoinInitialAddress = 0x20,

    /// <summary>D to G: not assigned.</summary>
    UnassignedCrypto = 0x1E,

    /// <summary>H: HMAC-SHA256.</summary>
    HmacSha256 = 0x01,

    /// <summary>Bits that must be exactly <see cref="HmacSha256"/>, or Linux ignores the option.</summary>
    LinuxChecked = Extensibility | UnassignedCrypto | HmacSha256,
}
