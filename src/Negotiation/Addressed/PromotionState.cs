namespace Middlebox.Negotiation.Addressed;

/// <summary>How far a <see cref="Promotion"/> is.</summary>
public enum PromotionState : byte
{
    /// <summary>The SYN was forwarded.</summary>
    AwaitingSynAck,

    /// <summary>The server speaks MPTCP; the client has not confirmed it yet.</summary>
    AwaitingKeys,

    /// <summary>Both keys are known; the server has not heard enough to take the connection for MPTCP in any case.</summary>
    AwaitingProof,

    /// <summary>The server's address is announced until the client confirms it.</summary>
    Announcing,

    // The ends, from which nothing leads on.

    /// <summary>The client has confirmed the server's address.</summary>
    Promoted,

    /// <summary>It has not, however often it was told.</summary>
    Unconfirmed,

    /// <summary>The server answered without MPTCP and the box cannot act, or the client did not go on with MPTCP.</summary>
    Plain,

    /// <summary>The server answered without MPTCP, and the box speaks it to the client in the server's place.</summary>
    Acted,

    /// <summary>The server asks for no subflows at its address (C flag, RFC 8684 section 3.1).</summary>
    Undesired,

    /// <summary>The connection was reset, or did nothing for too long.</summary>
    Ended,
}
