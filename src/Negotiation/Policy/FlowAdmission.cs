namespace Middlebox.Negotiation.Policy;

/// <summary>
/// The load limits of one rule: connections at a time, and new ones a second. Shared by the packet threads, which take a place for each
/// context, and the relay, which gives it back when the connection ends; no lock.
/// </summary>
public sealed class FlowAdmission(int? maxFlows, int? maxNewFlowsPerSecond, TimeProvider time)
{
    private readonly RateLimit? _rate = maxNewFlowsPerSecond is { } limit ? new RateLimit(limit, time) : null;
    private int _flows;

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
        if (_rate is not null && !_rate.TryCount())
        {
            Interlocked.Decrement(ref _flows);
            return false;
        }

        refusal = Reason.None;
        return true;
    }

    public void Release() => Interlocked.Decrement(ref _flows);
}
