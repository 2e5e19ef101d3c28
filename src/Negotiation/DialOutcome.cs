namespace Middlebox.Negotiation;

/// <summary>How the box's own connection to a server came out, made with the address and port of a legacy client.</summary>
public enum DialOutcome : byte
{
    /// <summary>It speaks MPTCP.</summary>
    Mptcp,

    /// <summary>It is there, but fell back to TCP (RFC 8684 section 3.7).</summary>
    Tcp,

    /// <summary>It was refused, or the server cannot be reached.</summary>
    Failed,
}
