namespace Middlebox.Negotiation;

/// <summary>What to do with one segment, and why. <see cref="Handshake"/> is there exactly when the verdict is to act.</summary>
public readonly record struct Decision(Verdict Verdict, Reason Reason, Handshake? Handshake = null)
{
    public static Decision Forward(Reason reason) => new(Verdict.Forward, reason);
}
