using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>
/// The C library's wrappers of the system calls that the appliance uses: names, argument order and constants are those
/// of the man pages. A call that returns -1 leaves the reason in <see cref="LastError"/>.
/// </summary>
public static partial class Libc
{
    private const string libc = "libc";

    /// <summary>errno of the last call on this thread; read it before anything else is called.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>close(2).</summary>
    [LibraryImport(libc)]
    internal static partial int close(int fd);
}
