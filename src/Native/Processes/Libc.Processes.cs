using System.Runtime.InteropServices;

namespace Middlebox.Native;

public static partial class Libc
{
    public const int RLIMIT_NOFILE = 7;

    /// <summary>getrlimit(2).</summary>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int getrlimit(int resource, out rlimit rlim);

    /// <summary>The default action of a signal.</summary>
    internal const nint SIG_DFL = 0;

    /// <summary>signal(2), with one of the constants as the handler.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial nint signal(int signum, nint handler);

    /// <summary>prctl(2) with one argument.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int prctl(int option, nuint argument);

    /// <summary>sched_setscheduler(2); 0 is the calling thread.</summary>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int sched_setscheduler(int pid, int policy, ref readonly sched_param param);
}
