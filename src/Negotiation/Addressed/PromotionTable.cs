using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Addressed;

/// <summary>The connections whose segments the box still looks at, by what the client has connected to and by where they are forwarded. Owned by one thread.</summary>
/// <param name="capacity">Most of them.</param>
/// <param name="perSource">Most of one source: <see cref="SourceCounts"/>.</param>
/// <param name="lifetime">How long one is looked at, at most.</param>
/// <param name="time">The clock.</param>
public sealed class PromotionTable(int capacity, int perSource, TimeSpan lifetime, TimeProvider time)
{
    private readonly Dictionary<FlowKey, Entry> _byAddressed = [];
    private readonly Dictionary<FlowKey, Promotion> _byRoute = [];
    private readonly SourceCounts _sources = new();

    public int Count => _byAddressed.Count;

    /// <summary>Why there is no room for a connection; <see cref="Reason.None"/> if <see cref="Add"/> takes it.</summary>
    public Reason FindLimit(in FlowKey route)
    {
        if (_byRoute.ContainsKey(route))
            return Reason.RouteInUse;
        if (!_sources.HasRoom(in route, perSource))
            return Reason.PromotionSourceLimit;
        return _byAddressed.Count < capacity ? Reason.None : Reason.PromotionLimit;
    }

    /// <summary>Adds one for which there is room.</summary>
    public void Add(Promotion promotion)
    {
        _byAddressed.Add(promotion.Addressed, new Entry(promotion, time.GetTimestamp()));
        _byRoute.Add(promotion.Route, promotion);
        _sources.Add(promotion.Route);
    }

    public bool Remove(Promotion promotion)
    {
        if (!_byAddressed.Remove(promotion.Addressed) || !_byRoute.Remove(promotion.Route))
            return false;
        _sources.Remove(promotion.Route);
        return true;
    }

    /// <summary>The connection that a client has opened with its SYN to the box; null if there is none.</summary>
    public Promotion? Find(in FlowKey addressed) => _byAddressed.TryGetValue(addressed, out var entry) ? entry.Promotion : null;

    /// <summary>The connection of a segment that is forwarded; null if there is none.</summary>
    public Promotion? Find(in TcpPacket segment, out bool isFromClient)
    {
        isFromClient = _byRoute.TryGetValue(segment.FlowFromClient, out var promotion);
        return isFromClient || _byRoute.TryGetValue(segment.FlowFromServer, out promotion) ? promotion : null;
    }

    /// <summary>Adds those to a list that have been here for too long.</summary>
    public void CollectExpired(List<Promotion> expired)
    {
        foreach (var entry in _byAddressed.Values)
        {
            if (time.GetElapsedTime(entry.Since) >= lifetime)
                expired.Add(entry.Promotion);
        }
    }

    private readonly record struct Entry(Promotion Promotion, long Since);
}
