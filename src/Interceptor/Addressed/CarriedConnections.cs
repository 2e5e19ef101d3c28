using Middlebox.Interceptor.FastPath;
using Middlebox.Interceptor.Tracking;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.Addressed;

/// <summary>Hands relayed connections that the box looks at no more over to the fast path, as soon as they are set up. Owned by the thread of <see cref="AddressedRelay"/>.</summary>
/// <param name="path">The fast path; null if there is none.</param>
/// <param name="tracking">Translates them until then, and again from their end on.</param>
/// <param name="counters">Where they are counted.</param>
/// <param name="time">The clock.</param>
internal sealed class CarriedConnections(IRelayFastPath? path, IConnectionTracking tracking, AddressedCounters counters, TimeProvider time)
{
    /// <summary>How long a handshake may take; the rules carry what takes longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int MaxWaiting = 4096;

    private readonly Queue<(FlowKey Addressed, HostEndpoint Server, long Since)> _waiting = new();

    /// <summary>Takes a connection that is over as a promotion, and not acted on.</summary>
    public void Take(Promotion promotion)
    {
        if (path is null || TryCarry(promotion.Addressed, promotion.Server) || _waiting.Count == MaxWaiting)
            return;
        _waiting.Enqueue((promotion.Addressed, promotion.Server, time.GetTimestamp()));
    }

    /// <summary>To be called some ten times a second.</summary>
    public void Round()
    {
        path?.Round();
        for (var rest = _waiting.Count; rest > 0; rest--)
        {
            var (addressed, server, since) = _waiting.Dequeue();
            if (!TryCarry(addressed, server) && time.GetElapsedTime(since) < Patience)
                _waiting.Enqueue((addressed, server, since));
        }
    }

    /// <returns>False if it may come to that later.</returns>
    private bool TryCarry(FlowKey addressed, HostEndpoint server)
    {
        if (!tracking.TryFind(addressed, out var entry) || !entry.IsAlive)
            return true;
        if (!entry.IsCarriable)
            return entry.HasHelper;
        // First: what the kernel does not see, it would judge by.
        if (!tracking.TryTrust(addressed))
            return true;
        path!.Carry(addressed, new FlowKey(entry.AnswersTo, server));
        counters.Carried.Add();
        return true;
    }
}
