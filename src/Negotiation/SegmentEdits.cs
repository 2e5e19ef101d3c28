namespace Middlebox.Negotiation;

/// <summary>What is changed in a segment before it goes on. Anything not named stays as it is, to the bit.</summary>
[Flags]
public enum SegmentEdits : byte
{
    None = 0,

    /// <summary>Clear the request for ECN, which the adopted connection could not honour.</summary>
    WithdrawEcn = 1,

    /// <summary>Blank MP_CAPABLE: the server behind is known to drop it.</summary>
    BlankMpCapable = 2,

    /// <summary>Take out a proxy claim, whichever carrier it came by.</summary>
    RemoveClaim = 4,

    /// <summary>Append the claim of the decision.</summary>
    AppendClaim = 8,

    /// <summary>Set P in the flags of MP_CAPABLE.</summary>
    SetClaimBit = 16,

    /// <summary>Append MP_CAPABLE in the name of a client that does not speak MPTCP.</summary>
    AddMpCapable = 32,
}
