using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    /// <summary>syscall(2), for bpf(2), which has no wrapper.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial nint syscall(nint number, nint command, ref byte attributes, nint length);
}
