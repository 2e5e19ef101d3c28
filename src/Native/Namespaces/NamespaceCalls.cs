using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Middlebox.Native.Namespaces;

/// <summary>The C library calls that namespaces and the processes in them need.</summary>
internal static partial class NamespaceCalls
{
    /// <summary>The network namespace flag of setns(2), from linux/sched.h.</summary>
    internal const int CLONE_NEWNET = 0x40000000;

    /// <summary>Closes the descriptor on exec: a child process must not inherit a test's sockets.</summary>
    internal const int SOCK_CLOEXEC = 0x80000;

    internal const int SOCK_STREAM = 1;
    internal const int AF_INET = 2;
    internal const int AF_INET6 = 10;

    /// <summary>Moves the calling thread into the namespace behind a descriptor: setns(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setns(SafeFileHandle fd, int nstype);

    /// <summary>Creates a socket in the calling thread's network namespace: socket(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int socket(int domain, int type, int protocol);

    /// <summary>Sends a signal to a process: kill(2).</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kill(int pid, int sig);

    /// <summary>The effective user of the process: geteuid(2), which cannot fail.</summary>
    [LibraryImport("libc")]
    internal static partial uint geteuid();
}
