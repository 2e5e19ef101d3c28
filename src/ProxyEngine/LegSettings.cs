using System.Text;
using Middlebox.Native;

namespace Middlebox.ProxyEngine;

/// <summary>
/// What every MPTCP socket of the box is told, whether it listens or connects. Connections that are accepted inherit it, and so do
/// subflows that the kernel opens by itself.
/// </summary>
/// <param name="options">Keepalive.</param>
/// <param name="congestionControl">Null for the system's.</param>
/// <param name="mark">Mark of the socket, by which rules tell the legs apart.</param>
internal sealed class LegSettings(ProxyEngineOptions options, string? congestionControl, uint mark)
{
    /// <summary>Sets all of it on a socket that is not bound yet, and lets it have addresses that are not this host's.</summary>
    /// <returns>Why the kernel refused, if it did.</returns>
    public Errno ApplyTo(FileDescriptor socket, bool isIpv4)
    {
        var error = isIpv4
            ? SocketOption.Set(socket, Libc.IPPROTO_IP, SocketOption.IP_TRANSPARENT, 1)
            : SocketOption.Set(socket, Libc.IPPROTO_IPV6, SocketOption.IPV6_TRANSPARENT, 1);
        return error == Errno.None ? ApplyTo(socket) : error;
    }

    /// <summary>Sets all of it on a socket that is not bound yet, and is to have an address of this host.</summary>
    /// <returns>As above.</returns>
    public Errno ApplyTo(FileDescriptor socket)
    {
        ReadOnlySpan<(int Level, int Name, int Value)> settings =
        [
            // One port of a client may lead to several servers, and a listener may come back while connections of its port live.
            (SocketOption.SOL_SOCKET, SocketOption.SO_REUSEADDR, 1),
            (SocketOption.SOL_SOCKET, SocketOption.SO_MARK, (int)mark),
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
}
