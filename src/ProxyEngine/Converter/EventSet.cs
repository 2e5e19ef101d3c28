using Middlebox.Native;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>The descriptors that a converter's thread, or a client's of one, waits for, each with a kind and a number: an epoll instance (epoll(7)).</summary>
internal sealed class EventSet : IDisposable
{
    private const int Capacity = 256;

    private readonly FileDescriptor _epoll;
    private readonly epoll_event[] _events = new epoll_event[Capacity];

    /// <exception cref="ErrnoException">No descriptor could be had.</exception>
    public EventSet()
    {
        _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        if (_epoll.IsInvalid)
            throw ErrnoException.Last("epoll_create1");
    }

    /// <param name="descriptor">What to wait for.</param>
    /// <param name="events">Which events.</param>
    /// <param name="kind">Told with each event.</param>
    /// <param name="number">Likewise.</param>
    /// <returns>False if the kernel has no room for it.</returns>
    public bool TryAdd(FileDescriptor descriptor, uint events, EventKind kind, uint number = 0)
    {
        var interest = new epoll_event { events = events, data = ((ulong)kind << 32) | number };
        return Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, descriptor, ref interest) == 0;
    }

    /// <summary>As <see cref="TryAdd"/>, for what there must be.</summary>
    /// <exception cref="ErrnoException">There is no room for it.</exception>
    public void Add(FileDescriptor descriptor, uint events, EventKind kind, uint number = 0)
    {
        if (!TryAdd(descriptor, events, kind, number))
            throw ErrnoException.Last("epoll_ctl");
    }

    public void Remove(FileDescriptor descriptor)
    {
        var interest = default(epoll_event);
        _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, descriptor, ref interest);
    }

    /// <summary>Waits for events; valid until the next call.</summary>
    public ReadOnlySpan<epoll_event> Wait(int milliseconds) =>
        _events.AsSpan(0, Math.Max(0, Libc.epoll_wait(_epoll, ref _events[0], Capacity, milliseconds)));

    public static (EventKind Kind, uint Number) Subject(in epoll_event occurrence) => ((EventKind)(occurrence.data >> 32), (uint)occurrence.data);

    public void Dispose() => _epoll.Dispose();
}
