namespace Middlebox.Negotiation.Policy;

/// <summary>
/// The load limits of one rule: connections at a time, and new ones a second. Shared by the packet threads, which take a place for each
/// context, and the relay, which gives it back when the connection ends; no lock.
/// </summary>
public sealed class FlowAdmission(int? maxFlows, int? maxNewFlowsPerSecond, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private int _flows;

    // The second since the start in the upper half, the connections admitted in it in the lower half.
    private long _window;

    /// <summary>Places taken now.</summary>
    public int Flows => Volatile.Read(ref _flows);

    /// <summary>Takes a place until <see cref="Release"/>.</summary>
    /// <param name="refusal">Which limit is reached, if false is returned.</param>
    public bool TryAdmit(out Reason refusal)
    {
        refusal = Reason.FlowLimit;
        if (Interlocked.Increment(ref _flows) > maxFlows)
        {
            Interlocked.Decrement(ref _flows);
            return false;
        }

        refusal = Reason.RateLimit;
        if (maxNewFlowsPerSecond is { } limit && !TryCount(limit))
        {
            Interlocked.Decrement(ref _flows);
            return false;
        }

        refusal = Reason.None;
        return true;
    }

    public void Release() => Interlocked.Decrement(ref _flows);

    private bool TryCount(int limit)
    {
        var second = (long)time.GetElapsedTime(_start).TotalSeconds;
        while (true)
        {
            var window = Volatile.Read(ref _window);
            var count = window >> 32 == second ? (int)window : 0;
            if (count >= limit)
                return false;
            if (Interlocked.CompareExchange(ref _window, (second << 32) | (uint)(count + 1), window) == window)
                return true;
        }
    }
}
