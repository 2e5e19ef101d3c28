namespace Middlebox.Negotiation.Wire;

/// <summary>
/// Lengths and bits of the MPTCP options. Lengths are whole options, kind and length octets included.
/// </summary>
public static class MptcpConstants
{
    /// <summary>Kind, length, and the octet that begins with the subtype (RFC 8684 section 3).</summary>
    public const int MinimumLength = 3;

    /// <summary>Offset of the octet with the subtype in its upper four bits.</summary>
    public const int SubtypeOffset = 2;

    /// <summary>The version of RFC 8684; version 0 is RFC 6824.</summary>
    public const byte Version1 = 1;

    /// <summary>RFC 8684 section 3.1, SYN.</summary>
    public const int CapableSynLength = 4;

    /// <summary>RFC 8684 section 3.1, SYN/ACK. Also the SYN and SYN/ACK of version 0 (RFC 6824 section 3.1).</summary>
    public const int CapableSynAckLength = 12;

    /// <summary>RFC 8684 section 3.1, third ACK without data.</summary>
    public const int CapableAckLength = 20;

    /// <summary>RFC 8684 section 3.1, first data of the client.</summary>
    public const int CapableDataLength = 22;

    /// <summary>RFC 8684 section 3.1, first data of the client, with checksum.</summary>
    public const int CapableDataChecksumLength = 24;

    /// <summary>Offset of the flags octet of MP_CAPABLE.</summary>
    public const int CapableFlagsOffset = 3;

    /// <summary>RFC 8684 section 3.2, SYN.</summary>
    public const int JoinSynLength = 12;

    /// <summary>RFC 8684 section 3.2, SYN/ACK.</summary>
    public const int JoinSynAckLength = 16;

    /// <summary>RFC 8684 section 3.2, ACK.</summary>
    public const int JoinAckLength = 24;

    /// <summary>The whole HMAC-SHA256 cut to 160 bits (RFC 8684 section 3.2).</summary>
    public const int JoinAckHmacLength = 20;

    /// <summary>
    /// B in octet 2 of MP_JOIN and MP_PRIO: use this subflow as backup (RFC 8684 sections 3.2, 3.3.8).
    /// </summary>
    public const byte BackupFlag = 0x01;

    /// <summary>DSS without acknowledgement and mapping (RFC 8684 section 3.3).</summary>
    public const int DssMinimumLength = 4;

    /// <summary>ADD_ADDR up to its address (RFC 8684 section 3.4.1).</summary>
    public const int AddAddressHeaderLength = 4;

    /// <summary>The truncated HMAC at the end of an ADD_ADDR that is no echo.</summary>
    public const int AddAddressHmacLength = 8;

    /// <summary>E in octet 2 of ADD_ADDR: this repeats what the peer announced.</summary>
    public const byte EchoFlag = 0x01;

    /// <summary>RFC 8684 section 3.3.8. The four-octet form of version 0 is not read.</summary>
    public const int PriorityLength = 3;

    /// <summary>RFC 8684 section 3.7.</summary>
    public const int FailLength = 12;

    /// <summary>RFC 8684 section 3.5.</summary>
    public const int FastcloseLength = 12;

    /// <summary>RFC 8684 section 3.6.</summary>
    public const int ResetLength = 4;
}
