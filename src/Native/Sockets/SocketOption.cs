using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>Levels and names of setsockopt(2), from socket(7), ip(7), ipv6(7), tcp(7) and linux/mptcp.h, and typed access.</summary>
public static class SocketOption
{
    public const int SOL_SOCKET = 1;
    public const int SOL_NETLINK = 270;
    public const int SOL_MPTCP = 284;

    public const int SO_REUSEADDR = 2;
    public const int SO_ERROR = 4;
    public const int SO_KEEPALIVE = 9;
    public const int SO_LINGER = 13;
    public const int SO_RCVTIMEO = 20;
    public const int SO_SNDTIMEO = 21;
    public const int SO_RCVBUFFORCE = 33;
    public const int SO_MARK = 36;
    public const int SO_PROTOCOL = 38;

    public const int IP_TRANSPARENT = 19;
    public const int IP_BIND_ADDRESS_NO_PORT = 24;
    public const int IPV6_V6ONLY = 26;
    public const int IPV6_TRANSPARENT = 75;

    public const int TCP_NODELAY = 1;
    public const int TCP_MAXSEG = 2;
    public const int TCP_KEEPIDLE = 4;
    public const int TCP_KEEPINTVL = 5;
    public const int TCP_KEEPCNT = 6;
    public const int TCP_INFO = 11;
    public const int TCP_CONGESTION = 13;
    public const int TCP_FASTOPEN = 23;
    public const int TCP_REPAIR = 19;
    public const int TCP_REPAIR_QUEUE = 20;
    public const int TCP_QUEUE_SEQ = 21;
    public const int TCP_REPAIR_OPTIONS = 22;
    public const int TCP_TIMESTAMP = 24;
    public const int TCP_REPAIR_WINDOW = 29;
    public const int TCP_FASTOPEN_CONNECT = 30;
    public const int TCP_FASTOPEN_NO_COOKIE = 34;
    public const int TCP_IS_MPTCP = 43;

    public const int MPTCP_INFO = 1;
    public const int MPTCP_TCPINFO = 2;
    public const int MPTCP_SUBFLOW_ADDRS = 3;

    /// <summary>Sets an option whose value is an int.</summary>
    public static Errno Set(FileDescriptor socket, int level, int name, int value) => Set<int>(socket, level, name, in value);

    /// <summary>Sets an option whose value is a structure.</summary>
    public static Errno Set<T>(FileDescriptor socket, int level, int name, in T value)
        where T : unmanaged =>
        Set(socket, level, name, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Sets an option whose value is a sequence of bytes; it must not be empty.</summary>
    public static Errno Set(FileDescriptor socket, int level, int name, ReadOnlySpan<byte> value) =>
        Libc.setsockopt(socket, level, name, in value[0], value.Length) == 0 ? Errno.None : Libc.LastError;

    /// <summary>Reads an option whose value is a structure; older kernels may fill only its beginning.</summary>
    public static Errno Get<T>(FileDescriptor socket, int level, int name, out T value)
        where T : unmanaged
    {
        value = default;
        var length = Unsafe.SizeOf<T>();
        return Libc.getsockopt(socket, level, name, ref Unsafe.As<T, byte>(ref value), ref length) == 0
            ? Errno.None
            : Libc.LastError;
    }
}
