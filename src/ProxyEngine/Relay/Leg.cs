using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Relay;

/// <summary>One of the two connections of a flow, and what is known of its readiness. Owned by the flow's relay thread.</summary>
/// <param name="socket">A non-blocking socket, registered edge-triggered.</param>
internal sealed class Leg(FileDescriptor socket)
{
    public FileDescriptor Socket => socket;

    /// <summary>Whether the socket is one of MPTCP, be it that it has fallen back.</summary>
    public bool IsMptcp { get; } =
        SocketOption.Get(socket, SocketOption.SOL_SOCKET, SocketOption.SO_PROTOCOL, out int protocol) == Errno.None
        && protocol == Libc.IPPROTO_MPTCP;

    /// <summary>This host's address and port, as the peer has connected to them; null if the kernel does not tell.</summary>
    public HostEndpoint? LocalEndpoint
    {
        get
        {
            var address = default(sockaddr);
            var length = sockaddr.MaximumLength;
            return Libc.getsockname(socket, ref address, ref length) < 0 ? null : address.ToEndpoint();
        }
    }

    /// <summary>Whether a read may yield something; cleared when it has not.</summary>
    public bool MayRead { get; set; } = true;

    /// <summary>Whether the peer has been reported to have ended its direction, or the connection to have failed.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether a write may be taken; cleared when it was not taken whole.</summary>
    public bool MayWrite { get; set; } = true;

    /// <summary>Notes what epoll has reported.</summary>
    public void Note(uint events)
    {
        const uint Ended = Libc.EPOLLRDHUP | Libc.EPOLLHUP | Libc.EPOLLERR;
        const uint Readable = Libc.EPOLLIN | Ended;
        const uint Writable = Libc.EPOLLOUT | Libc.EPOLLHUP | Libc.EPOLLERR;
        HasEnded |= (events & Ended) != 0;
        MayRead |= (events & Readable) != 0;
        MayWrite |= (events & Writable) != 0;
    }

    /// <summary>The error that the connection has suffered, if any; taken, so it is told once.</summary>
    public Errno TakeError() =>
        SocketOption.Get(socket, SocketOption.SOL_SOCKET, SocketOption.SO_ERROR, out int error) == Errno.None
            ? (Errno)error
            : Errno.None;

    /// <summary>
    /// Bytes that a read is to ask for. Of TCP, as many as there is room for. Of MPTCP, exactly those that are there: asked for more, the kernel
    /// looks at its queue again while it copies without taking off, and kernels before Linux 7.0 then copy the same bytes twice.
    /// </summary>
    /// <param name="room">For how many there is room.</param>
    public int BytesToRead(int room)
    {
        if (!IsMptcp || Libc.ioctl(socket, Libc.SIOCINQ, out var count) < 0)
            return room;
        // What has ended may still have to say how.
        return Math.Min(count == 0 && HasEnded ? 1 : count, room);
    }

    /// <summary>
    /// Bytes that were given to the kernel and that the peer has not acknowledged, its FIN included; 0 if there is no
    /// telling. On MPTCP, acknowledged at the level of the connection (RFC 8684 section 3.3.2).
    /// </summary>
    public int UnacknowledgedBytes => Libc.ioctl(socket, Libc.SIOCOUTQ, out int count) < 0 ? 0 : count;

    /// <summary>
    /// From now on the connection ends with a reset - RST on TCP, MP_FASTCLOSE on MPTCP (RFC 8684 section 3.5) - however it is
    /// closed, also by the death of the process: a peer must not take it for the end of what the other side had to say.
    /// </summary>
    public void ResetOnClose() => SetLinger(new linger { l_onoff = 1, l_linger = 0 });

    /// <summary>Closes in order, after both directions have ended.</summary>
    public void Close()
    {
        SetLinger(default);
        socket.Dispose();
    }

    /// <summary>Closes with a reset.</summary>
    /// <param name="isShared">Whether another process holds the socket too, so that closing it does not end the connection.</param>
    public void Abort(bool isShared = false)
    {
        ResetOnClose();
        if (isShared)
            Libc.Disconnect(socket);
        socket.Dispose();
    }

    private void SetLinger(linger linger) =>
        _ = SocketOption.Set(socket, SocketOption.SOL_SOCKET, SocketOption.SO_LINGER, in linger);
}
