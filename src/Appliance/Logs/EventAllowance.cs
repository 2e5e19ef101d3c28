namespace Middlebox.Appliance.Logs;

/// <summary>How many events of one kind may still be told in this second. Any thread may ask.</summary>
internal sealed class EventAllowance(int mostPerSecond, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _second = time.GetTimestamp();
    private int _told;
    private long _leftOut;

    /// <summary>Whether one more may be told; one that may not is counted.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_second) >= TimeSpan.FromSeconds(1))
                (_second, _told) = (time.GetTimestamp(), 0);
            if (_told < mostPerSecond)
            {
                _told++;
                return true;
            }

            _leftOut++;
            return false;
        }
    }

    /// <summary>How many were not told since the last time that somebody asked.</summary>
    public long TakeLeftOut()
    {
        lock (_lock)
        {
            var leftOut = _leftOut;
            _leftOut = 0;
            return leftOut;
        }
    }
}
