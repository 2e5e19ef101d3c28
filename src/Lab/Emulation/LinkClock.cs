namespace Middlebox.Lab.Emulation;

/// <summary>
/// The emulator's time: whole nanoseconds since the clock was made, because the line is busy with a small packet for less than the 100 ns of a
/// <see cref="TimeSpan"/>. Any thread may read it.
/// </summary>
internal sealed class LinkClock(TimeProvider time)
{
    /// <summary>Nanoseconds in a second.</summary>
    public const long Second = 1_000_000_000;

    /// <summary>A time that never comes.</summary>
    public const long Never = long.MaxValue;

    private readonly long _start = time.GetTimestamp();
    private readonly double _nanosecondsPerTick = (double)Second / time.TimestampFrequency;

    /// <summary>Nanoseconds since the clock was made.</summary>
    public long NowNanoseconds => (long)((time.GetTimestamp() - _start) * _nanosecondsPerTick);

    /// <summary>A duration in nanoseconds.</summary>
    public static long Nanoseconds(TimeSpan duration) => duration.Ticks * TimeSpan.NanosecondsPerTick;
}
