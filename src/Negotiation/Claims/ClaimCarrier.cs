namespace Middlebox.Negotiation.Claims;

/// <summary>How the P flag - "a proxy is here" - travels beside MP_CAPABLE.</summary>
public enum ClaimCarrier
{
    /// <summary>In an option of its own, MPTCP subtype 0xF, which stock hosts ignore. Can be signed.</summary>
    Option,

    /// <summary>
    /// In bit B (0x40) of MP_CAPABLE's flags, as draft-wei-mptcp-proxy-mechanism has it. RFC 8684 lets hosts ignore an MP_CAPABLE
    /// with it, and Linux does: only for P-aware hosts and closed networks. Cannot be signed.
    /// </summary>
    CapableBit,
}
