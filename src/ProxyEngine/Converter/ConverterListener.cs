using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>Opens the sockets on which clients reach the converter: MPTCP, and plain TCP for clients without.</summary>
internal static class ConverterListener
{
    /// <summary>Opens one; the options set here are inherited by the connections it accepts.</summary>
    /// <param name="address">An address of this host.</param>
    /// <param name="options">Fast Open.</param>
    /// <param name="engine">Keepalive and backlog.</param>
    /// <param name="congestionControl">Null for the system's.</param>
    /// <exception cref="ErrnoException">EADDRNOTAVAIL: the address is none of this host's. EADDRINUSE: another listens there.</exception>
    public static FileDescriptor Open(in HostEndpoint address, ConverterOptions options, ProxyEngineOptions engine, string? congestionControl)
    {
        var socket = Libc.socket(
            address.Address.IsIpv4 ? Libc.AF_INET : Libc.AF_INET6,
            Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC,
            Libc.IPPROTO_MPTCP);
        if (socket.IsInvalid)
            throw ErrnoException.Last("socket", "IPPROTO_MPTCP");
        try
        {
            Configure(socket, options, engine, congestionControl);
            var name = address.ToSocketAddress();
            if (Libc.bind(socket, in name, name.Length) < 0)
                throw ErrnoException.Last("bind", address.ToString());
            if (Libc.listen(socket, engine.ListenBacklog) < 0)
                throw ErrnoException.Last("listen", address.ToString());
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Configure(FileDescriptor socket, ConverterOptions options, ProxyEngineOptions engine, string? congestionControl)
    {
        Set(socket, SocketOption.SOL_SOCKET, SocketOption.SO_REUSEADDR, 1);
        ConverterSocket.Configure(socket, engine, congestionControl);
        if (!options.FastOpen)
            return;
        // RFC 8803 section 4.2: the data of a SYN is taken without the cookie of RFC 7413. As many as may wait may have sent such a SYN.
        Set(socket, Libc.IPPROTO_TCP, SocketOption.TCP_FASTOPEN, engine.ListenBacklog);
        Set(socket, Libc.IPPROTO_TCP, SocketOption.TCP_FASTOPEN_NO_COOKIE, 1);
    }

    private static void Set(FileDescriptor socket, int level, int name, int value)
    {
        if (SocketOption.Set(socket, level, name, value) is not Errno.None and var error)
            throw new ErrnoException("setsockopt", error);
    }
}
