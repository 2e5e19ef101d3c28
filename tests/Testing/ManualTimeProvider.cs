namespace Middlebox.Testing;

/// <summary>A clock that stands still until a test advances it. It has no timers.</summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private DateTimeOffset _now;
    private long _ticks;

    /// <param name="start">Default: 2026-01-01 00:00 UTC.</param>
    public ManualTimeProvider(DateTimeOffset? start = null) =>
        _now = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Ticks of 100 ns, so that a <see cref="TimeSpan"/> is exact.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => _now;

    /// <summary>Advances both clocks.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        _now += time;
        Interlocked.Add(ref _ticks, time.Ticks);
    }

    /// <summary>Sets the wall clock only, as an administrator or NTP would.</summary>
    public void StepWallClock(TimeSpan step) => _now += step;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException("Code under test asks for the time and is called; it sets no timers.");
}
