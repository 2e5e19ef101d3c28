namespace Middlebox.Lab.Emulation;

/// <summary>The rate of a time line: bits go out one after the other, and each takes as long as the rate of its moment says.</summary>
internal sealed class TimelineCapacity(BehaviourTimeline timeline) : ILinkCapacity
{
    // Below a nanosecond; without it a fast link would be faster than its rate by what is rounded away.
    private double _fraction;

    /// <inheritdoc/>
    public long Finish(long beginNanoseconds, int bytes)
    {
        var index = timeline.IndexAt(beginNanoseconds);
        var bits = bytes * 8.0;
        double now = beginNanoseconds;
        while (timeline[index].Rate is { } rate)
        {
            var needed = bits * LinkClock.Second / rate.BitsPerSecond;
            var end = timeline.EndOf(index);
            if (end == LinkClock.Never || now + needed <= end)
                return Round(beginNanoseconds, now - beginNanoseconds + needed);
            bits -= (end - now) * rate.BitsPerSecond / LinkClock.Second;
            now = end;
            index = timeline.IndexAt(end);
        }

        return Round(beginNanoseconds, now - beginNanoseconds);
    }

    // The time line itself is started by its owner.
    /// <inheritdoc/>
    public void Start(long nowNanoseconds) => _fraction = 0;

    private long Round(long beginNanoseconds, double duration)
    {
        var exact = duration + _fraction;
        var whole = (long)exact;
        _fraction = exact - whole;
        return beginNanoseconds + whole;
    }
}
