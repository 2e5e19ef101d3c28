namespace Middlebox.Negotiation.Policy;

/// <summary>Counts what happens within each second, and says when it is enough. No lock; any thread may count.</summary>
/// <param name="perSecond">Most in one second.</param>
/// <param name="time">The clock.</param>
public sealed class RateLimit(int perSecond, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    // The second since the start in the upper half, what was counted in it in the lower half.
    private long _window;

    /// <summary>Counts one more; false if there have been enough in this second.</summary>
    public bool TryCount()
    {
        var second = (long)time.GetElapsedTime(_start).TotalSeconds;
        while (true)
        {
            var window = Volatile.Read(ref _window);
            var count = window >> 32 == second ? (int)window : 0;
            if (count >= perSecond)
                return false;
            if (Interlocked.CompareExchange(ref _window, (second << 32) | (uint)(count + 1), window) == window)
                return true;
        }
    }
}
