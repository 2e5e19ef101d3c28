using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    internal const int SCM_RIGHTS = 1;

    /// <summary>recvmmsg(2): up to <paramref name="vlen"/> datagrams in one call.</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static unsafe partial int recvmmsg(FileDescriptor sockfd, mmsghdr* msgvec, uint vlen, int flags, void* timeout);

    /// <summary>sendmmsg(2): up to <paramref name="vlen"/> messages in one call.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static unsafe partial int sendmmsg(FileDescriptor sockfd, mmsghdr* msgvec, uint vlen, int flags);

    /// <summary>recvmsg(2), with the struct msghdr that a struct mmsghdr begins with.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static unsafe partial nint recvmsg(FileDescriptor sockfd, mmsghdr* msg, int flags);

    /// <summary>sendmsg(2), likewise.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static unsafe partial nint sendmsg(FileDescriptor sockfd, mmsghdr* msg, int flags);

    /// <summary>socketpair(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static unsafe partial int socketpair(int domain, int type, int protocol, int* sv);
}
