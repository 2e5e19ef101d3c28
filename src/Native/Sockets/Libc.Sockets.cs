using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    public const int AF_UNIX = 1;
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int AF_NETLINK = 16;

    public const int SOCK_STREAM = 1;
    public const int SOCK_DGRAM = 2;
    public const int SOCK_RAW = 3;
    public const int SOCK_SEQPACKET = 5;
    public const int SOCK_NONBLOCK = O_NONBLOCK;
    public const int SOCK_CLOEXEC = O_CLOEXEC;

    public const int IPPROTO_IP = 0;
    public const int IPPROTO_TCP = 6;
    public const int IPPROTO_IPV6 = 41;
    public const int IPPROTO_RAW = 255;
    public const int IPPROTO_MPTCP = 262;

    public const int SHUT_WR = 1;

    public const int MSG_PEEK = 0x2;
    public const int MSG_TRUNC = 0x20;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;

    /// <summary>socket(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial FileDescriptor socket(int domain, int type, int protocol);

    /// <summary>bind(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int bind(FileDescriptor sockfd, ref readonly sockaddr addr, int addrlen);

    /// <summary>listen(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int listen(FileDescriptor sockfd, int backlog);

    /// <summary>accept4(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial FileDescriptor accept4(FileDescriptor sockfd, ref sockaddr addr, ref int addrlen, int flags);

    /// <summary>connect(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int connect(FileDescriptor sockfd, ref readonly sockaddr addr, int addrlen);

    /// <summary>connect(2) to no address, which ends a connection with a reset, whoever else holds the socket.</summary>
    public static int Disconnect(FileDescriptor sockfd)
    {
        var nobody = default(sockaddr);
        return connect(sockfd, in nobody, sockaddr.MaximumLength);
    }

    /// <summary>getsockname(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int getsockname(FileDescriptor sockfd, ref sockaddr addr, ref int addrlen);

    /// <summary>shutdown(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int shutdown(FileDescriptor sockfd, int how);

    /// <summary>Asks for the bytes that can be read; see tcp(7). On MPTCP it also has the kernel take up what waits in subflows.</summary>
    public const nuint SIOCINQ = 0x541B;

    /// <summary>Asks for the bytes that the peer has not acknowledged; see tcp(7).</summary>
    public const nuint SIOCOUTQ = 0x5411;

    /// <summary>linux/sockios.h: bytes of a stream that were not sent yet.</summary>
    public const nuint SIOCOUTQNSD = 0x894b;

    /// <summary>ioctl(2) with an int, as in tcp(7).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int ioctl(FileDescriptor fd, nuint request, out int argp);

    /// <summary>recv(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial nint recv(FileDescriptor sockfd, ref byte buf, nint len, int flags);

    /// <summary>send(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial nint send(FileDescriptor sockfd, ref readonly byte buf, nint len, int flags);

    /// <summary>sendto(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial nint sendto(
        FileDescriptor sockfd, ref readonly byte buf, nint len, int flags, ref readonly sockaddr dest_addr, int addrlen);

    /// <summary>setsockopt(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int setsockopt(FileDescriptor sockfd, int level, int optname, ref readonly byte optval, int optlen);

    /// <summary>getsockopt(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int getsockopt(FileDescriptor sockfd, int level, int optname, ref byte optval, ref int optlen);
}
