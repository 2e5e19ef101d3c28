namespace Middlebox.Lab.Tests.Hostile;

/// <summary>What is sent in masses, each segment from or to another invented client.</summary>
public enum FloodKind
{
    /// <summary>SYNs with MP_CAPABLE, to a server that answers them.</summary>
    CapableSyn,

    /// <summary>SYNs with MP_JOIN and guessed tokens.</summary>
    JoinSyn,

    /// <summary>SYN/ACKs that nobody has asked for.</summary>
    SynAck,

    /// <summary>ACKs of no connection.</summary>
    Ack,
}
