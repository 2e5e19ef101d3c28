namespace Middlebox.ProxyEngine;

/// <summary>The connections that ended last, bounded in number. Relay threads add one at its end, under a lock that nothing else holds for long.</summary>
internal sealed class EndedFlows(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<EndedFlow> _flows = new();

    public void Add(EndedFlow flow)
    {
        lock (_lock)
        {
            if (_flows.Count == capacity)
                _flows.Dequeue();
            _flows.Enqueue(flow);
        }
    }

    /// <summary>A copy, the oldest first.</summary>
    public IReadOnlyList<EndedFlow> ToList()
    {
        lock (_lock)
            return [.. _flows];
    }
}
