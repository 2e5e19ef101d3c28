namespace Middlebox.Native;

/// <summary>
/// Sends whole IP packets with any source address, along the box's routes. Any thread may send: a call is one packet.
/// </summary>
public sealed class RawPacketSocket : IDisposable
{
    private const int VersionShift = 4;
    private const int Ipv4DestinationOffset = 16;
    private const int Ipv6DestinationOffset = 24;

    private readonly FileDescriptor _ipv4;
    private readonly FileDescriptor _ipv6;

    /// <param name="mark">The mark that the packets carry.</param>
    /// <exception cref="ErrnoException">EPERM: not privileged.</exception>
    public RawPacketSocket(uint mark)
    {
        _ipv4 = Open(Libc.AF_INET, mark);
        _ipv6 = Open(Libc.AF_INET6, mark);
    }

    /// <summary>Sends a packet that begins with its IPv4 or IPv6 header.</summary>
    public Errno Send(ReadOnlySpan<byte> packet)
    {
        var isIpv4 = packet[0] >> VersionShift == 4;
        // raw(7), ipv6(7): the port of the destination is no port here, and IPv6 insists on 0.
        var destination = isIpv4
            ? sockaddr.From(packet.Slice(Ipv4DestinationOffset, 4), 0)
            : sockaddr.From(packet.Slice(Ipv6DestinationOffset, 16), 0);
        var sent = Libc.sendto(
            isIpv4 ? _ipv4 : _ipv6, in packet[0], packet.Length, Libc.MSG_DONTWAIT, in destination, destination.Length);
        return sent < 0 ? Libc.LastError : Errno.None;
    }

    public void Dispose()
    {
        _ipv4.Dispose();
        _ipv6.Dispose();
    }

    private static FileDescriptor Open(int family, uint mark)
    {
        var socket = Libc.socket(family, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, Libc.IPPROTO_RAW);
        if (socket.IsInvalid)
            throw ErrnoException.Last("socket", "SOCK_RAW");
        if (SocketOption.Set(socket, SocketOption.SOL_SOCKET, SocketOption.SO_MARK, (int)mark) is not Errno.None and var error)
            throw new ErrnoException("setsockopt SO_MARK", error);
        return socket;
    }
}
