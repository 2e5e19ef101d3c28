using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation;

/// <summary>How the SYN of a connection that is served goes on towards the server.</summary>
internal static class ServedSyn
{
    /// <summary>With this box's claim, if the connection was claimed.</summary>
    public static Decision Forward(in ConnectionContext context, Reason reason)
    {
        var edits = EcnEdit(in context);
        if (context.RemovesClaim)
            edits |= SegmentEdits.RemoveClaim;
        if (context.ClaimedBy is not { } settings)
            return Decision.Forward(reason, edits);
        edits |= SegmentEdits.RemoveClaim;
        if (settings.Carrier == ClaimCarrier.CapableBit)
            return Decision.Forward(reason, edits | SegmentEdits.SetClaimBit);
        var claim = new ProxyClaim(settings.ProxyId, context.Preference);
        return new Decision(
            Verdict.Forward,
            reason,
            edits | SegmentEdits.AppendClaim,
            SynClaims.Write(in context.Flow, context.ClientIsn, claim, settings.Keys));
    }

    /// <summary>As plain TCP, after those with MP_CAPABLE were not answered.</summary>
    public static Decision ForwardWithoutMpCapable(in ConnectionContext context, Reason reason) =>
        Decision.Forward(reason, EcnEdit(in context) | SegmentEdits.BlankMpCapable | SegmentEdits.RemoveClaim);

    /// <summary>
    /// TCP_REPAIR cannot switch ECN on, so a server that had agreed to it would mark packets for a receiver that is blind to
    /// the marks (RFC 3168 section 6.1). The request is withdrawn on the server's side; the client's own leg keeps it.
    /// </summary>
    private static SegmentEdits EcnEdit(in ConnectionContext context) =>
        (context.SynFlags & TcpFlags.Ece) != 0 ? SegmentEdits.WithdrawEcn : SegmentEdits.None;
}
