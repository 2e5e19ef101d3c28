namespace Middlebox.Interceptor.Liveness;

/// <summary>
/// The sign of life of all packet threads together: each says that it goes round, and the first of them tells the kernel, as long as
/// none has fallen silent. Without it the rules queue nothing (<see cref="Rules.HeartbeatSet"/>).
/// </summary>
internal sealed class Heartbeat
{
    /// <summary>A thread that has not come round for so long stands still; in order it does ten times a second.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);

    private readonly Action _renew;
    private readonly TimeProvider _time;
    private readonly long[] _lastSeen;
    private volatile bool _isRetired;

    /// <param name="threads">How many there are.</param>
    /// <param name="renew">Tells the kernel; called by the first thread only.</param>
    /// <param name="time">The clock.</param>
    public Heartbeat(int threads, Action renew, TimeProvider time)
    {
        _renew = renew;
        _time = time;
        _lastSeen = new long[threads];
        Array.Fill(_lastSeen, time.GetTimestamp());
    }

    /// <summary>From now on the kernel is told nothing, although all are alive. Any thread may call.</summary>
    public void Retire() => _isRetired = true;

    /// <summary>To be called by each thread, some ten times a second.</summary>
    /// <param name="thread">Its number, from 0.</param>
    public void Beat(int thread)
    {
        var now = _time.GetTimestamp();
        Volatile.Write(ref _lastSeen[thread], now);
        if (thread != 0 || _isRetired)
            return;
        for (var other = 0; other < _lastSeen.Length; other++)
        {
            if (_time.GetElapsedTime(Volatile.Read(ref _lastSeen[other]), now) > Silence)
                return;
        }

        _renew();
    }
}
