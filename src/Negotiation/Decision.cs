using Middlebox.Negotiation.Claims;

namespace Middlebox.Negotiation;

/// <summary>What to do with one segment, and why.</summary>
/// <param name="Verdict">What to do.</param>
/// <param name="Reason">Why.</param>
/// <param name="Edits">What is changed before it goes on.</param>
/// <param name="Claim">The claim to append, if one is.</param>
/// <param name="Handshake">The connection to act on, exactly when the verdict is to act or to dial.</param>
public readonly record struct Decision(
    Verdict Verdict,
    Reason Reason,
    SegmentEdits Edits = SegmentEdits.None,
    ClaimOption Claim = default,
    Handshake? Handshake = null)
{
    public static Decision Forward(Reason reason, SegmentEdits edits = SegmentEdits.None) => new(Verdict.Forward, reason, edits);
}
