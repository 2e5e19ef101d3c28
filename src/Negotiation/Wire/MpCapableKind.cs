namespace Middlebox.Negotiation.Wire;

/// <summary>What a handshake packet says about MP_CAPABLE.</summary>
public enum MpCapableKind : byte
{
    /// <summary>No such option.</summary>
    None,

    /// <summary>Version 0, RFC 6824.</summary>
    Version0,

    /// <summary>Version 1, RFC 8684, with the length of a SYN (4) or a SYN/ACK (12).</summary>
    Version1,

    /// <summary>A later version, which a version 1 host may answer with its own.</summary>
    OtherVersion,

    /// <summary>A length that its version does not have, or more than one MP_CAPABLE.</summary>
    Malformed,
}
