using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    /// <summary>recvmmsg(2): up to <paramref name="vlen"/> datagrams in one call.</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static unsafe partial int recvmmsg(FileDescriptor sockfd, mmsghdr* msgvec, uint vlen, int flags, void* timeout);
}
