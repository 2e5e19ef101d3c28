using System.Collections.Concurrent;

namespace Middlebox.Appliance.Commands.Soak;

/// <summary>What has become of the load's connections. Any thread may add.</summary>
internal sealed class SoakTally
{
    private const int FailuresKept = 20;

    private readonly ConcurrentQueue<string> _failures = new();
    private long _bytes;
    private long _wrong;
    private long _failed;
    private long _resets;
    private long _completed;

    /// <summary>Bytes that have come, in both directions, and were compared.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Streams with a byte that was not the one sent.</summary>
    public long Wrong => Volatile.Read(ref _wrong);

    /// <summary>Connections that did not come to their end.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Connections that the client has reset, as it meant to.</summary>
    public long Resets => Volatile.Read(ref _resets);

    /// <summary>Connections that came to their end.</summary>
    public long Completed => Volatile.Read(ref _completed);

    /// <summary>What happened to the first ones that failed.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    public void AddBytes(int count) => Interlocked.Add(ref _bytes, count);

    public void AddCompleted() => Interlocked.Increment(ref _completed);

    public void AddReset() => Interlocked.Increment(ref _resets);

    public void AddWrong(string what)
    {
        Interlocked.Increment(ref _wrong);
        Keep(what);
    }

    public void AddFailed(string what)
    {
        Interlocked.Increment(ref _failed);
        Keep(what);
    }

    private void Keep(string what)
    {
        if (_failures.Count < FailuresKept)
            _failures.Enqueue(what);
    }
}
