using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Emulation;

/// <summary>
/// What a link does at which time. Before <see cref="Start"/> it is what comes before the first step, for however long. Used by one thread; time
/// may be asked for out of order.
/// </summary>
internal sealed class BehaviourTimeline
{
    private readonly LinkBehaviour[] _behaviours;
    private readonly long[] _offsetsNanoseconds;
    private long _startNanoseconds = LinkClock.Never;

    /// <param name="initial">Until the first step.</param>
    /// <param name="steps">In the order of their times.</param>
    public BehaviourTimeline(LinkBehaviour initial, IReadOnlyList<TimelineStep> steps)
    {
        _behaviours = new LinkBehaviour[steps.Count + 1];
        _offsetsNanoseconds = new long[steps.Count + 1];
        _behaviours[0] = initial;
        foreach (var (index, step) in steps.Index())
        {
            _behaviours[index + 1] = step.ApplyTo(_behaviours[index]);
            _offsetsNanoseconds[index + 1] = LinkClock.Nanoseconds(step.At);
        }
    }

    /// <summary>Lets the time line begin, or begin anew.</summary>
    public void Start(long nowNanoseconds) => _startNanoseconds = nowNanoseconds;

    /// <summary>The behaviour at a time.</summary>
    public LinkBehaviour At(long nowNanoseconds) => _behaviours[IndexAt(nowNanoseconds)];

    /// <summary>The number of the stretch that a time falls into.</summary>
    public int IndexAt(long nowNanoseconds)
    {
        if (nowNanoseconds < _startNanoseconds)
            return 0;
        var index = Array.BinarySearch(_offsetsNanoseconds, nowNanoseconds - _startNanoseconds);
        if (index < 0)
            return ~index - 1;
        // Of several steps at one time the last one counts.
        while (index + 1 < _offsetsNanoseconds.Length && _offsetsNanoseconds[index + 1] == _offsetsNanoseconds[index])
            index++;
        return index;
    }

    /// <summary>The behaviour of a stretch.</summary>
    public LinkBehaviour this[int index] => _behaviours[index];

    /// <summary>When a stretch ends; <see cref="LinkClock.Never"/> for the last one and for one that waits for the start.</summary>
    public long EndOf(int index) =>
        index + 1 < _behaviours.Length && _startNanoseconds != LinkClock.Never
            ? _startNanoseconds + _offsetsNanoseconds[index + 1]
            : LinkClock.Never;
}
