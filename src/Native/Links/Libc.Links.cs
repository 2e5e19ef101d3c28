using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    /// <summary>bind(2) of a netlink socket.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int bind(FileDescriptor sockfd, ref readonly sockaddr_nl addr, int addrlen);
}
