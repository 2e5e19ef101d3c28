using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;

namespace Middlebox.Appliance.Reports;

/// <summary>What became of connections whose hosts name their servers in the SYN.</summary>
/// <param name="Pending">Connections whose hosts do not yet know their servers' own addresses.</param>
/// <param name="Relayed">Connections that the kernel was told to relay.</param>
/// <param name="Unobserved">Those among them that the box does not look at, by why there was no room.</param>
/// <param name="Carried">Those whose segments were led past the rules.</param>
/// <param name="Ended">How it ended that the box looked at a connection.</param>
/// <param name="Refused">SYNs that were not relayed, by why.</param>
/// <param name="Handshakes">Connections of legacy servers on which the box acts, and whose hosts have not completed their handshakes.</param>
/// <param name="HandshakesEnded">What became of connections of legacy servers.</param>
public sealed record AddressedReport(
    int Pending,
    long Relayed,
    IReadOnlyDictionary<Reason, long> Unobserved,
    long Carried,
    IReadOnlyDictionary<PromotionState, long> Ended,
    IReadOnlyDictionary<Reason, long> Refused,
    int Handshakes,
    IReadOnlyDictionary<Reason, long> HandshakesEnded);
