namespace Middlebox.ProxyEngine.Relay;

/// <summary>
/// Tells a thread that has nothing to do whether to look for work once more at once, or to sleep until there is some. To be put to sleep and woken takes a processor longer than
/// a small message needs here; where the next one commonly comes sooner than that, it finds the thread awake. Owned by that thread.
/// </summary>
/// <remarks>
/// Whether it does is learnt from the waits before: short ones count for twice as much as long ones count against it, so that an exchange is served too in which every other
/// wait is long. Where work is rare no look is taken, and whenever one is taken in vain, others may have the processor first.
/// </remarks>
/// <param name="longest">The longest that is waited awake; zero for never.</param>
/// <param name="time">The clock.</param>
internal sealed class EagerWait(TimeSpan longest, TimeProvider time)
{
    private const int Most = 8;
    private const int ForShort = 2;
    private const int AgainstLong = 1;

    private readonly long _longest = (long)(longest.TotalSeconds * time.TimestampFrequency);
    private long _since;
    private int _confidence;

    /// <summary>The wait begins.</summary>
    public void Begin()
    {
        if (_longest > 0)
            _since = time.GetTimestamp();
    }

    /// <summary>Whether to look without sleeping.</summary>
    /// <param name="looks">How often that was done in this wait.</param>
    public bool StaysAwake(int looks)
    {
        if (_confidence == 0 || !IsShort())
            return false;
        if (looks > 0)
            Thread.Yield();
        return true;
    }

    /// <summary>The wait is over.</summary>
    /// <param name="isFound">Whether there is work, and not only an end of patience.</param>
    public void End(bool isFound)
    {
        if (_longest > 0)
            _confidence = isFound && IsShort() ? Math.Min(Most, _confidence + ForShort) : Math.Max(0, _confidence - AgainstLong);
    }

    private bool IsShort() => time.GetTimestamp() - _since < _longest;
}
