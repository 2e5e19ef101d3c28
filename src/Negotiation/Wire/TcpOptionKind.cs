namespace Middlebox.Negotiation.Wire;

/// <summary>The first octet of a TCP option (IANA registry "TCP Option Kind Numbers"). Other values occur.</summary>
public enum TcpOptionKind : byte
{
    EndOfList = 0,
    NoOperation = 1,
    MaximumSegmentSize = 2,
    WindowScale = 3,
    SackPermitted = 4,
    Sack = 5,
    Timestamps = 8,

    /// <summary>TCP-MD5, RFC 2385.</summary>
    Md5Signature = 19,

    /// <summary>TCP-AO, RFC 5925.</summary>
    Authentication = 29,

    /// <summary>RFC 8684.</summary>
    Mptcp = 30,

    /// <summary>RFC 7413.</summary>
    FastOpen = 34,

    /// <summary>RFC 6994, shared by experiments.</summary>
    Experiment1 = 253,

    /// <summary>As <see cref="Experiment1"/>; Fast Open used it first.</summary>
    Experiment2 = 254,
}
