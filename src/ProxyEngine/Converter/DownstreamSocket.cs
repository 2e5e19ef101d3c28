using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>Opens a converter's connections to servers, and a host's to its converter: MPTCP, from which the kernel falls back to TCP if the server does not answer it (RFC 8803 section 5.1).</summary>
internal static class DownstreamSocket
{
    /// <summary>Begins to connect.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="source">Address and port that the server is to see; port 0 for any, null for what the routes say.</param>
    /// <param name="mark">The socket's mark; null for none.</param>
    /// <param name="isForeign">Whether the source is no address of this host.</param>
    /// <param name="options">Keepalive.</param>
    /// <param name="congestionControl">Null for the system's.</param>
    /// <param name="socket">Connecting, or connected already; null if an error is returned.</param>
    public static Errno Open(
        in HostEndpoint server, HostEndpoint? source, uint? mark, bool isForeign, ProxyEngineOptions options, string? congestionControl, out FileDescriptor? socket)
    {
        socket = null;
        var candidate = Libc.socket(
            server.Address.IsIpv4 ? Libc.AF_INET : Libc.AF_INET6,
            Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC,
            Libc.IPPROTO_MPTCP);
        if (candidate.IsInvalid)
            return Libc.LastError;

        ConverterSocket.Configure(candidate, options, congestionControl);
        var error = mark is { } value ? SocketOption.Set(candidate, SocketOption.SOL_SOCKET, SocketOption.SO_MARK, (int)value) : Errno.None;
        if (error == Errno.None && isForeign)
            error = MakeTransparent(candidate, server.Address.IsIpv4);
        if (error == Errno.None)
            error = Connect(candidate, in server, source);
        if (error == Errno.None)
            socket = candidate;
        else
            candidate.Dispose();
        return error;
    }

    private static Errno MakeTransparent(FileDescriptor socket, bool isIpv4)
    {
        ReadOnlySpan<(int Level, int Name, int Value)> settings =
        [
            // One port of a client may lead to several servers.
            (SocketOption.SOL_SOCKET, SocketOption.SO_REUSEADDR, 1),
            isIpv4
                ? (Libc.IPPROTO_IP, SocketOption.IP_TRANSPARENT, 1)
                : (Libc.IPPROTO_IPV6, SocketOption.IPV6_TRANSPARENT, 1),
        ];
        foreach (var (level, name, value) in settings)
        {
            if (SocketOption.Set(socket, level, name, value) is not Errno.None and var error)
                return error;
        }

        return Errno.None;
    }

    private static Errno Connect(FileDescriptor socket, in HostEndpoint server, HostEndpoint? source)
    {
        if (source is { } endpoint)
        {
            // So that one port serves for several servers; a kernel that does not know it for MPTCP has fewer ports.
            if (endpoint.Port.Value == 0)
                _ = SocketOption.Set(socket, Libc.IPPROTO_IP, SocketOption.IP_BIND_ADDRESS_NO_PORT, 1);
            var local = endpoint.ToSocketAddress();
            if (Libc.bind(socket, in local, local.Length) < 0)
                return Libc.LastError;
        }

        var remote = server.ToSocketAddress();
        return Libc.connect(socket, in remote, remote.Length) < 0 && Libc.LastError != Errno.EINPROGRESS
            ? Libc.LastError
            : Errno.None;
    }
}
