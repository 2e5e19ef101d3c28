using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    /// <summary>bind(2) of a netlink socket.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int bind(FileDescriptor sockfd, ref readonly sockaddr_nl addr, int addrlen);

    /// <summary>if_nametoindex(3); 0 if there is no such interface.</summary>
    [LibraryImport(libc, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint if_nametoindex(string ifname);
}
