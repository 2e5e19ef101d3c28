namespace Middlebox.Negotiation.Wire;

/// <summary>The upper four bits of octet 2 of an MPTCP option (RFC 8684 section 8.1).</summary>
public enum MptcpSubtype : byte
{
    /// <summary>MP_CAPABLE, section 3.1.</summary>
    MpCapable = 0x0,

    /// <summary>MP_JOIN, section 3.2.</summary>
    MpJoin = 0x1,

    /// <summary>DSS, section 3.3.</summary>
    Dss = 0x2,

    /// <summary>ADD_ADDR, section 3.4.1.</summary>
    AddAddress = 0x3,

    /// <summary>REMOVE_ADDR, section 3.4.2.</summary>
    RemoveAddress = 0x4,

    /// <summary>MP_PRIO, section 3.3.8.</summary>
    MpPriority = 0x5,

    /// <summary>MP_FAIL, section 3.7.</summary>
    MpFail = 0x6,

    /// <summary>MP_FASTCLOSE, section 3.5.</summary>
    MpFastclose = 0x7,

    /// <summary>MP_TCPRST, section 3.6.</summary>
    MpReset = 0x8,

    /// <summary>MP_EXPERIMENTAL, private use.</summary>
    MpExperimental = 0xF,
}
