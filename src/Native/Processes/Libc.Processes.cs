using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    public const int RLIMIT_NOFILE = 7;

    /// <summary>getrlimit(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int getrlimit(int resource, out rlimit rlim);
}
