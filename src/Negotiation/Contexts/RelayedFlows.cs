using System.Collections.Concurrent;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Contexts;

/// <summary>
/// The connections that are relayed now, by the client's and the server's address and port, and those that were a moment ago. A client
/// may reset one and use its port again in the same moment; the server must hear of the end before it sees the new SYN. Any thread may
/// call; looking something up takes no lock.
/// </summary>
/// <remarks>
/// A moment ago, because of connection tracking: a SYN that was looked at while the old connection lived counts as a stray segment
/// of it, and what follows is not translated. It has to come anew.
/// </remarks>
/// <param name="time">The clock.</param>
public sealed class RelayedFlows(TimeProvider time)
{
    /// <summary>Longer than a packet waits in the queue.</summary>
    public static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(50);

    private const long NotEnded = long.MinValue;

    private readonly ConcurrentDictionary<FlowKey, long> _flows = new();
    private readonly Queue<(FlowKey Flow, long Since)> _ended = new();

    public void Add(in FlowKey flow) => _flows[flow] = NotEnded;

    /// <summary>To be called when both sides have been told of the end. Forgotten, with those that have ended before, a moment later.</summary>
    public void Remove(in FlowKey flow)
    {
        var now = time.GetTimestamp();
        if (!_flows.TryUpdate(flow, now, NotEnded))
            return;
        lock (_ended)
        {
            _ended.Enqueue((flow, now));
            while (_ended.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Since, now) >= Linger)
            {
                // Unless it is relayed again meanwhile.
                _flows.TryRemove(KeyValuePair.Create(oldest.Flow, oldest.Since));
                _ended.Dequeue();
            }
        }
    }

    /// <summary>Whether it is relayed, or was a moment ago.</summary>
    public bool Contains(in FlowKey flow) =>
        _flows.TryGetValue(flow, out var ended) && (ended == NotEnded || time.GetElapsedTime(ended) < Linger);
}
