using System.Net.Sockets;

namespace Middlebox.Native.Namespaces;

/// <summary>Stream sockets of a protocol that System.Net.Sockets has no name for.</summary>
public static class StreamSocket
{
    /// <summary>
    /// Creates a TCP or MPTCP socket in the network namespace of the calling thread. It may be bound to an address where connections
    /// have just ended (SO_REUSEADDR), which System.Net.Sockets sees to for protocols that it knows. Its own option of that name is no
    /// substitute: it sets SO_REUSEPORT too, and then the kernel spreads connections over all who listen, instead of refusing the second.
    /// </summary>
    /// <param name="family">InterNetwork or InterNetworkV6.</param>
    /// <param name="mptcp">True for IPPROTO_MPTCP, which falls back to TCP by itself when the peer does not speak it.</param>
    /// <exception cref="ErrnoException">The kernel refused, for example because it has no MPTCP.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The family is neither of the two.</exception>
    public static Socket Create(AddressFamily family, bool mptcp)
    {
        var domain = family switch
        {
            AddressFamily.InterNetwork => Libc.AF_INET,
            AddressFamily.InterNetworkV6 => Libc.AF_INET6,
            _ => throw new ArgumentOutOfRangeException(nameof(family), family, "IPv4 or IPv6 is needed."),
        };
        var protocol = mptcp ? Libc.IPPROTO_MPTCP : Libc.IPPROTO_TCP;
        using var descriptor = Libc.socket(domain, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, protocol);
        if (descriptor.IsInvalid)
            throw ErrnoException.Last(nameof(Libc.socket), $"{family}, protocol {protocol}");
        _ = SocketOption.Set(descriptor, SocketOption.SOL_SOCKET, SocketOption.SO_REUSEADDR, 1);
        var socket = new Socket(new SafeSocketHandle(descriptor.DangerousGetHandle(), ownsHandle: true));
        descriptor.SetHandleAsInvalid();
        return socket;
    }
}
