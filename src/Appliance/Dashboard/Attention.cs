namespace Middlebox.Appliance.Dashboard;

/// <summary>Whether somebody looks at the page: then the connections are read each second, which takes some system calls for each. Any thread may ask or tell.</summary>
internal sealed class Attention(TimeProvider time)
{
    // Browsers slow a page in the background down to a question a minute.
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(65);

    private long _lookedAt;
    private bool _hasLooked;

    public bool IsPaid => Volatile.Read(ref _hasLooked) && time.GetElapsedTime(Volatile.Read(ref _lookedAt)) < Span;

    /// <summary>Notes that somebody has just looked.</summary>
    public void Pay()
    {
        Volatile.Write(ref _lookedAt, time.GetTimestamp());
        Volatile.Write(ref _hasLooked, true);
    }
}
