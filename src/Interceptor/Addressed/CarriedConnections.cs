using Middlebox.Interceptor.FastPath;
using Middlebox.Interceptor.Tracking;
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

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private const int MaxWaiting = 4096;

    // Each costs a question to the kernel, and SYNs wait meanwhile.
    private const int MaxAskedAtATime = 64;

    private readonly Queue<(FlowKey Addressed, long Since)> _waiting = new();
    private long _lastAsked = time.GetTimestamp();

    /// <summary>Takes a connection, as its client sees it, that is not looked at any more, and not acted on.</summary>
    public void Take(FlowKey addressed)
    {
        if (path is null || TryCarry(addressed) || _waiting.Count == MaxWaiting)
            return;
        _waiting.Enqueue((addressed, time.GetTimestamp()));
    }

    /// <summary>To be called some ten times a second, or more often.</summary>
    public void Round()
    {
        if (time.GetElapsedTime(_lastAsked) < Interval)
            return;
        _lastAsked = time.GetTimestamp();
        path?.Round();
        for (var rest = Math.Min(_waiting.Count, MaxAskedAtATime); rest > 0; rest--)
        {
            var (addressed, since) = _waiting.Dequeue();
            if (!TryCarry(addressed) && time.GetElapsedTime(since) < Patience)
                _waiting.Enqueue((addressed, since));
        }
    }

    /// <returns>False if it may come to that later.</returns>
    private bool TryCarry(FlowKey addressed)
    {
        if (!tracking.TryFind(addressed, out var entry) || !entry.IsAlive)
            return true;
        if (!entry.IsCarriable)
            return entry.HasHelper;
        // First: what the kernel does not see, it would judge by.
        if (!tracking.TryTrust(addressed))
            return true;
        // By the entry, because the client's port may be in use for another server by now.
        path!.Carry(addressed, new FlowKey(entry.AnswersTo, entry.AnswersFrom));
        counters.Carried.Add();
        return true;
    }
}
