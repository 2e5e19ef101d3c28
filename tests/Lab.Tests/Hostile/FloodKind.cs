namespace Middlebox.Lab.Tests.Hostile;

/// <summary>What is sent in masses, from or to invented clients, each time another one but where that is said.</summary>
public enum FloodKind
{
    /// <summary>SYNs with MP_CAPABLE, to a server that answers them.</summary>
    CapableSyn,

    /// <summary>The same, all from one client.</summary>
    CapableSynOfOneClient,

    /// <summary>SYNs with MP_JOIN and guessed tokens.</summary>
    JoinSyn,

    /// <summary>SYN/ACKs that nobody has asked for.</summary>
    SynAck,

    /// <summary>ACKs of no connection.</summary>
    Ack,
}
