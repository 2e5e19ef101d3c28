using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Middlebox.Native;

public static partial class Libc
{
    /// <summary>The network namespace flag of setns(2), from linux/sched.h.</summary>
    public const int CLONE_NEWNET = 0x40000000;

    /// <summary>setns(2): moves the calling thread into the namespace behind a descriptor.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int setns(SafeFileHandle fd, int nstype);

    /// <summary>kill(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int kill(int pid, int sig);

    /// <summary>geteuid(2), which cannot fail.</summary>
    [LibraryImport(libc)]
    internal static partial uint geteuid();
}
