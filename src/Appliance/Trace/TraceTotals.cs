namespace Middlebox.Appliance.Trace;

/// <summary>How many trace, and what they have missed; shared by all sessions.</summary>
internal sealed class TraceTotals
{
    /// <summary>Less than the places of the control socket, so that <c>status</c> is answered however many trace.</summary>
    public const int MaximumTracers = 4;

    private int _tracers;
    private long _lost;

    public int Tracers => Volatile.Read(ref _tracers);

    /// <summary>Decisions that tracers were too slow for.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>False if as many trace as may; otherwise <see cref="End"/> is to follow.</summary>
    public bool TryBegin()
    {
        if (Interlocked.Increment(ref _tracers) <= MaximumTracers)
            return true;
        End();
        return false;
    }

    public void End() => Interlocked.Decrement(ref _tracers);

    public void AddLost(long decisions) => Interlocked.Add(ref _lost, decisions);
}
