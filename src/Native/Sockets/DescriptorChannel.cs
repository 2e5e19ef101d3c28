using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>
/// One end of a channel between a process and its parent that carries short messages, each with up to two descriptors (unix(7), SOCK_SEQPACKET,
/// SCM_RIGHTS). Any thread may send; one receives.
/// </summary>
public sealed unsafe class DescriptorChannel : IDisposable
{
    /// <summary>Most descriptors of a message.</summary>
    public const int MaximumDescriptors = 2;

    private readonly FileDescriptor _socket;

    private DescriptorChannel(FileDescriptor socket) => _socket = socket;

    /// <summary>The number of a <see cref="CreatePair">child's</see> end, by which the child finds it.</summary>
    public int Number => _socket.Number;

    /// <summary>Makes a channel. The child's end is inherited by every process that this one starts until it is disposed of.</summary>
    /// <exception cref="ErrnoException">No descriptors could be had.</exception>
    public static (DescriptorChannel Own, DescriptorChannel Child) CreatePair()
    {
        var numbers = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC, 0, numbers) < 0)
            throw ErrnoException.Last("socketpair");
        var (own, child) = (FileDescriptor.Own(numbers[0]), FileDescriptor.Own(numbers[1]));
        if (Libc.fcntl(child, Libc.F_SETFD, 0) < 0)
            throw ErrnoException.Last("fcntl");
        return (new DescriptorChannel(own), new DescriptorChannel(child));
    }

    /// <summary>The end that a parent has left to this process, which does not leave it to its own children.</summary>
    /// <exception cref="ErrnoException">There is no such descriptor.</exception>
    public static DescriptorChannel Inherited(int number)
    {
        var socket = FileDescriptor.Own(number);
        return Libc.fcntl(socket, Libc.F_SETFD, Libc.FD_CLOEXEC) == 0
            ? new DescriptorChannel(socket)
            : throw ErrnoException.Last("fcntl");
    }

    /// <summary>From now on a message that the other end does not take in so long is not sent.</summary>
    public void LimitPatience(TimeSpan patience)
    {
        var limit = new timeval { tv_sec = (long)patience.TotalSeconds, tv_usec = patience.Milliseconds * 1000L };
        _ = SocketOption.Set(_socket, SocketOption.SOL_SOCKET, SocketOption.SO_SNDTIMEO, in limit);
    }

    /// <summary>Sends a message; waits while the other end has many to read.</summary>
    /// <returns><see cref="Errno.EPIPE"/> if the other end is closed, <see cref="Errno.EAGAIN"/> if it takes nothing.</returns>
    public Errno Send<T>(in T message, params ReadOnlySpan<FileDescriptor> descriptors)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaximumDescriptors);
        var copy = message;
        var bytes = new iovec { iov_base = &copy, iov_len = (nuint)sizeof(T) };
        var rights = new Rights(descriptors.Length);
        var header = new mmsghdr { msg_iov = &bytes, msg_iovlen = 1 };
        var held = 0;
        try
        {
            foreach (var descriptor in descriptors)
            {
                var added = false;
                descriptor.DangerousAddRef(ref added);
                rights[held++] = descriptor.Number;
            }

            if (held > 0)
            {
                header.msg_control = &rights;
                header.msg_controllen = Rights.SpaceFor(held);
            }

            while (true)
            {
                if (Libc.sendmsg(_socket, &header, Libc.MSG_NOSIGNAL) >= 0)
                    return Errno.None;
                if (Libc.LastError is not Errno.EINTR and var error)
                    return error;
            }
        }
        finally
        {
            foreach (var descriptor in descriptors[..held])
                descriptor.DangerousRelease();
        }
    }

    /// <summary>Waits until there is a message, or the other end is closed.</summary>
    /// <param name="timeout">For how long; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <returns>False if there is none.</returns>
    public bool WaitForMessage(TimeSpan timeout)
    {
        var wait = new pollfd { fd = _socket.Number, events = Libc.POLLIN };
        int ready;
        while ((ready = Libc.poll(ref wait, 1, (int)Math.Ceiling(timeout.TotalMilliseconds))) < 0 && Libc.LastError == Errno.EINTR)
        {
        }

        return ready != 0;
    }

    /// <summary>Waits for a message.</summary>
    /// <param name="message">What was sent.</param>
    /// <param name="descriptors">The descriptors that came with it, which are the caller's now.</param>
    /// <returns>False if the other end is closed.</returns>
    /// <exception cref="ErrnoException">Nothing can be received.</exception>
    public bool TryReceive<T>(out T message, out FileDescriptor[] descriptors)
        where T : unmanaged
    {
        T copy = default;
        var bytes = new iovec { iov_base = &copy, iov_len = (nuint)sizeof(T) };
        var rights = new Rights(MaximumDescriptors);
        var header = new mmsghdr
        {
            msg_iov = &bytes,
            msg_iovlen = 1,
            msg_control = &rights,
            msg_controllen = Rights.SpaceFor(MaximumDescriptors),
        };
        nint count;
        while ((count = Libc.recvmsg(_socket, &header, Libc.MSG_CMSG_CLOEXEC)) < 0)
        {
            // The other end was closed before it had read everything. That is told once, and before what it has sent.
            if (Libc.LastError is not (Errno.EINTR or Errno.ECONNRESET))
                throw ErrnoException.Last("recvmsg");
        }

        message = copy;
        descriptors = header.msg_controllen > 0 && count > 0 ? rights.Take() : [];
        return count == sizeof(T);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>struct cmsghdr with SCM_RIGHTS and its descriptors.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Rights(int count)
    {
        private const int HeaderLength = 16;

        private nuint _length = (nuint)(HeaderLength + (count * sizeof(int)));
        private readonly int _level = SocketOption.SOL_SOCKET;
        private readonly int _type = Libc.SCM_RIGHTS;
        private Numbers _numbers;

        public int this[int index]
        {
            set => _numbers[index] = value;
        }

        // CMSG_SPACE: the data is filled up to whole words.
        public static nuint SpaceFor(int count) => (nuint)(HeaderLength + (((count * sizeof(int)) + 7) & ~7));

        public readonly FileDescriptor[] Take()
        {
            var count = (int)(_length - HeaderLength) / sizeof(int);
            var descriptors = new FileDescriptor[count];
            for (var i = 0; i < count; i++)
                descriptors[i] = FileDescriptor.Own(_numbers[i]);
            return descriptors;
        }
    }

    [InlineArray(MaximumDescriptors)]
    private struct Numbers
    {
        private int _first;
    }
}
