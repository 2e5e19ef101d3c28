using System.Buffers.Binary;

namespace Middlebox.Native;

/// <summary>
/// Copies of the IP packets that arrive on any interface of this host and that a filter lets through (packet(7)). Used by one thread.
/// </summary>
public sealed class PacketTapSocket : IDisposable
{
    private const int AF_PACKET = 17;
    /// <summary>Packets of all protocols, those that this host sends as well (linux/if_ether.h).</summary>
    public const ushort ETH_P_ALL = 0x0003;

    /// <summary>IPv4 packets that arrive.</summary>
    public const ushort ETH_P_IP = 0x0800;

    /// <summary>IPv6 packets that arrive.</summary>
    public const ushort ETH_P_IPV6 = 0x86DD;

    private const int SO_ATTACH_FILTER = 26;

    private readonly FileDescriptor _socket;

    /// <param name="filter">A classic BPF program that sees the packet from its IP header on.</param>
    /// <param name="protocol">One of the ETH_P constants.</param>
    /// <exception cref="ErrnoException">EPERM: not privileged (CAP_NET_RAW). EINVAL: the kernel refuses the program.</exception>
    public unsafe PacketTapSocket(ReadOnlySpan<sock_filter> filter, ushort protocol = ETH_P_ALL)
    {
        // No protocol until the filter is there: nothing unfiltered is ever received.
        _socket = Libc.socket(AF_PACKET, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
        if (_socket.IsInvalid)
            throw ErrnoException.Last("socket", "AF_PACKET");
        fixed (sock_filter* program = filter)
        {
            var attached = new sock_fprog { len = (ushort)filter.Length, filter = program };
            if (SocketOption.Set(_socket, SocketOption.SOL_SOCKET, SO_ATTACH_FILTER, in attached) is not Errno.None and var error)
                throw new ErrnoException("setsockopt SO_ATTACH_FILTER", error);
        }

        Listen(protocol);
    }

    /// <summary>For epoll: readable when a packet waits.</summary>
    public FileDescriptor Descriptor => _socket;

    /// <summary>Waits for a packet.</summary>
    /// <param name="buffer">Receives its beginning.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <returns>Bytes received; 0 if none came in time.</returns>
    /// <exception cref="ErrnoException">The socket failed.</exception>
    public int Receive(Span<byte> buffer, TimeSpan timeout)
    {
        var wait = new pollfd { fd = _socket.Number, events = Libc.POLLIN };
        if (Libc.poll(ref wait, 1, (int)timeout.TotalMilliseconds) <= 0)
            return 0;
        var length = Libc.recv(_socket, ref buffer[0], buffer.Length, Libc.MSG_DONTWAIT);
        if (length >= 0)
            return (int)length;
        return Libc.LastError is Errno.EAGAIN or Errno.EINTR ? 0 : throw ErrnoException.Last("recv", "AF_PACKET");
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>bind(2) with a struct sockaddr_ll for all interfaces.</summary>
    private void Listen(ushort protocol)
    {
        var address = default(sockaddr_ll);
        address.sll_family = AF_PACKET;
        address.sll_protocol = BinaryPrimitives.ReverseEndianness(protocol);
        if (Libc.bind(_socket, in address, System.Runtime.CompilerServices.Unsafe.SizeOf<sockaddr_ll>()) < 0)
            throw ErrnoException.Last("bind", "AF_PACKET");
    }
}
