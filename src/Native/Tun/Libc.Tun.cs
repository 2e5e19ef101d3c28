using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    public const nuint TUNSETIFF = 0x400454ca;
    public const short IFF_TUN = 0x0001;
    public const short IFF_NO_PI = 0x1000;

    /// <summary>ioctl(2) with a struct ifreq, as in netdevice(7).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int ioctl(FileDescriptor fd, nuint request, ref ifreq argp);
}
