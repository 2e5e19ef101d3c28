namespace Middlebox.Negotiation.Claims;

/// <summary>What was found of a claim in a segment.</summary>
internal enum ClaimFinding : byte
{
    /// <summary>There is none.</summary>
    Absent,

    /// <summary>There is one, and it stands the check.</summary>
    Valid,

    /// <summary>There is one that is malformed, unsigned where it must not be, or signed wrongly.</summary>
    Rejected,
}
