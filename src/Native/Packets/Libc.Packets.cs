using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    /// <summary>bind(2) of a packet socket.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int bind(FileDescriptor sockfd, ref readonly sockaddr_ll addr, int addrlen);
}
