using Middlebox.Negotiation;

namespace Middlebox.Appliance.Dashboard;

/// <summary>The box's counters at one moment.</summary>
/// <param name="BytesUp">Bytes ever relayed from clients to servers.</param>
/// <param name="BytesDown">Bytes ever relayed from servers to clients.</param>
/// <param name="Flows">Connections relayed now.</param>
/// <param name="Contexts">Connections being set up now.</param>
/// <param name="Decided">Connections ever decided on, by reason: those for which no context was made, and contexts that ended.</param>
internal sealed record BoxTotals(
    long BytesUp, long BytesDown, long Flows, long Contexts, IReadOnlyDictionary<Reason, long> Decided);
