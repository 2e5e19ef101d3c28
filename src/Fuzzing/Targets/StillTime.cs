namespace Middlebox.Fuzzing.Targets;

/// <summary>A clock that moves only when the input says so.</summary>
internal sealed class StillTime : TimeProvider
{
    private TimeSpan _elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _elapsed;

    public void Advance(TimeSpan time) => _elapsed += time;
}
