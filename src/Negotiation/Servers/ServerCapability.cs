namespace Middlebox.Negotiation.Servers;

/// <summary>What was learnt of a server by offering MPTCP to it in the name of a client that does not speak it.</summary>
public enum ServerCapability : byte
{
    /// <summary>Nothing, or nothing that still counts.</summary>
    Unknown,

    /// <summary>It answered MP_CAPABLE with MP_CAPABLE, or a box before it did (RFC 8684 section 3.1).</summary>
    Capable,

    /// <summary>It answered MP_CAPABLE without it.</summary>
    Legacy,

    /// <summary>It answered only a SYN without MP_CAPABLE.</summary>
    DropsMpCapable,
}
