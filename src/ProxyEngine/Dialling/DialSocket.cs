using System.Text;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Dialling;

/// <summary>
/// Opens an MPTCP connection to a server with a client's address and port (IP_TRANSPARENT, ip(7)). Further subflows, which the kernel's path
/// manager opens from endpoints of the box, inherit the mark and the options.
/// </summary>
internal static class DialSocket
{
    /// <summary>Begins to connect.</summary>
    /// <param name="flow">Whose addresses and ports.</param>
    /// <param name="options">Keepalive.</param>
    /// <param name="congestionControl">Null for the system's.</param>
    /// <param name="mark">Mark of the socket.</param>
    /// <param name="socket">Connecting, or connected already; null if false is returned.</param>
    /// <param name="failedCall">The system call that failed, if one did.</param>
    public static Errno Open(
        in FlowKey flow, ProxyEngineOptions options, string? congestionControl, uint mark, out FileDescriptor? socket, out string failedCall)
    {
        socket = null;
        failedCall = "socket";
        var isIpv4 = flow.Client.Address.IsIpv4;
        var candidate = Libc.socket(
            isIpv4 ? Libc.AF_INET : Libc.AF_INET6,
            Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC,
            Libc.IPPROTO_MPTCP);
        if (candidate.IsInvalid)
            return Libc.LastError;

        failedCall = "setsockopt";
        var error = Configure(candidate, isIpv4, options, congestionControl, mark);
        if (error == Errno.None)
            error = Connect(candidate, in flow, out failedCall);
        if (error == Errno.None)
            socket = candidate;
        else
            candidate.Dispose();
        return error;
    }

    private static Errno Configure(
        FileDescriptor socket, bool isIpv4, ProxyEngineOptions options, string? congestionControl, uint mark)
    {
        ReadOnlySpan<(int Level, int Name, int Value)> settings =
        [
            // One port of a client may lead to several servers.
            (SocketOption.SOL_SOCKET, SocketOption.SO_REUSEADDR, 1),
            (SocketOption.SOL_SOCKET, SocketOption.SO_MARK, (int)mark),
            isIpv4
                ? (Libc.IPPROTO_IP, SocketOption.IP_TRANSPARENT, 1)
                : (Libc.IPPROTO_IPV6, SocketOption.IPV6_TRANSPARENT, 1),
            (SocketOption.SOL_SOCKET, SocketOption.SO_KEEPALIVE, 1),
            (Libc.IPPROTO_TCP, SocketOption.TCP_KEEPIDLE, (int)options.KeepAliveAfter.TotalSeconds),
            (Libc.IPPROTO_TCP, SocketOption.TCP_KEEPINTVL, (int)options.KeepAliveInterval.TotalSeconds),
            (Libc.IPPROTO_TCP, SocketOption.TCP_KEEPCNT, ProxyEngineOptions.KeepAliveProbes),
            (Libc.IPPROTO_TCP, SocketOption.TCP_NODELAY, 1),
        ];
        foreach (var (level, name, value) in settings)
        {
            if (SocketOption.Set(socket, level, name, value) is not Errno.None and var error)
                return error;
        }

        return congestionControl is null
            ? Errno.None
            : SocketOption.Set(
                socket, Libc.IPPROTO_TCP, SocketOption.TCP_CONGESTION, Encoding.ASCII.GetBytes(congestionControl));
    }

    private static Errno Connect(FileDescriptor socket, in FlowKey flow, out string failedCall)
    {
        failedCall = "bind";
        var client = flow.Client.ToSocketAddress();
        if (Libc.bind(socket, in client, client.Length) < 0)
            return Libc.LastError;
        failedCall = "connect";
        var server = flow.Server.ToSocketAddress();
        return Libc.connect(socket, in server, server.Length) < 0 && Libc.LastError != Errno.EINPROGRESS
            ? Libc.LastError
            : Errno.None;
    }
}
