using System.Text;
using Middlebox.Native;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>What the converter's sockets on both sides have in common.</summary>
internal static class ConverterSocket
{
    /// <summary>Keepalive, no delay, congestion control. What the kernel does not take is left as it is.</summary>
    /// <param name="socket">A TCP or MPTCP socket.</param>
    /// <param name="options">Keepalive.</param>
    /// <param name="congestionControl">Null for the system's.</param>
    public static void Configure(FileDescriptor socket, ProxyEngineOptions options, string? congestionControl)
    {
        ReadOnlySpan<(int Level, int Name, int Value)> settings =
        [
            (SocketOption.SOL_SOCKET, SocketOption.SO_KEEPALIVE, 1),
            (Libc.IPPROTO_TCP, SocketOption.TCP_KEEPIDLE, (int)options.KeepAliveAfter.TotalSeconds),
            (Libc.IPPROTO_TCP, SocketOption.TCP_KEEPINTVL, (int)options.KeepAliveInterval.TotalSeconds),
            (Libc.IPPROTO_TCP, SocketOption.TCP_KEEPCNT, ProxyEngineOptions.KeepAliveProbes),
            (Libc.IPPROTO_TCP, SocketOption.TCP_NODELAY, 1),
        ];
        foreach (var (level, name, value) in settings)
            _ = SocketOption.Set(socket, level, name, value);
        if (congestionControl is not null)
            _ = SocketOption.Set(socket, Libc.IPPROTO_TCP, SocketOption.TCP_CONGESTION, Encoding.ASCII.GetBytes(congestionControl));
    }
}
