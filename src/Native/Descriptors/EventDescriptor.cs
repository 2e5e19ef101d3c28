namespace Middlebox.Native;

/// <summary>An eventfd(2): wakes a thread that waits in poll(2) or epoll_wait(2).</summary>
public sealed class EventDescriptor : IDisposable
{
    private static readonly byte[] One = BitConverter.GetBytes(1UL);

    /// <exception cref="ErrnoException">No descriptor could be had.</exception>
    public EventDescriptor()
    {
        Descriptor = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        if (Descriptor.IsInvalid)
            throw ErrnoException.Last("eventfd");
    }

    public FileDescriptor Descriptor { get; }

    /// <summary>Wakes the waiting thread. A full counter is no failure: the thread is awake already.</summary>
    public void Signal() => _ = Libc.write(Descriptor, in One[0], One.Length);

    /// <summary>Takes the signals so far, so that the descriptor is no longer readable.</summary>
    public void Clear()
    {
        Span<byte> counter = stackalloc byte[sizeof(ulong)];
        _ = Libc.read(Descriptor, ref counter[0], counter.Length);
    }

    public void Dispose() => Descriptor.Dispose();
}
