using Middlebox.Native;

namespace Middlebox.Appliance.Host.Uplinks;

/// <summary>
/// Hears from the kernel that interfaces or addresses have changed (rtnetlink(7)), and has the uplinks looked at: what has gone is taken away
/// at once, what has come is used after a moment. Owned by a thread of its own.
/// </summary>
internal sealed class LinkWatch : IDisposable
{
    /// <summary>
    /// Routes are set up after the address, by whoever does that, and the kernel tries a subflow once: without a route it would come to nothing.
    /// </summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    /// <summary>How long others' changes may put that off.</summary>
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(5);

    private readonly UplinkEndpoints _uplinks;
    private readonly TimeProvider _time;
    private readonly LinkEventSocket _events = new();
    private readonly EventDescriptor _stop = new();
    private readonly Thread _thread;

    /// <exception cref="ErrnoException">No socket could be had.</exception>
    public LinkWatch(UplinkEndpoints uplinks, TimeProvider time)
    {
        _uplinks = uplinks;
        _time = time;
        _thread = new Thread(Run) { Name = "links", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Signal();
        _thread.Join();
        _events.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        // What has changed since the uplinks were set up, before there was anybody to hear of it.
        _uplinks.Refresh(addsNew: true);
        pollfd[] waits =
        [
            new() { fd = _stop.Descriptor.Number, events = Libc.POLLIN },
            new() { fd = _events.Descriptor.Number, events = Libc.POLLIN },
        ];
        long? first = null;
        long last = 0;
        while (true)
        {
            waits[0].revents = waits[1].revents = 0;
            _ = Libc.poll(ref waits[0], (nuint)waits.Length, first is { } since ? Milliseconds(Remaining(since, last)) : Timeout.Infinite);
            if (waits[0].revents != 0)
                return;
            if (waits[1].revents != 0)
            {
                _events.Drain();
                last = _time.GetTimestamp();
                first ??= last;
                _uplinks.Refresh(addsNew: false);
            }

            if (first is { } begun && Remaining(begun, last) <= TimeSpan.Zero)
            {
                first = null;
                _uplinks.Refresh(addsNew: true);
            }
        }
    }

    private TimeSpan Remaining(long first, long last)
    {
        var (settled, longest) = (Settling - _time.GetElapsedTime(last), LongestSettling - _time.GetElapsedTime(first));
        return settled < longest ? settled : longest;
    }

    private static int Milliseconds(TimeSpan time) => Math.Max(0, (int)Math.Ceiling(time.TotalMilliseconds));
}
