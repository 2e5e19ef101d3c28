using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct timespec of clock_gettime(2).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct timespec(long nanoseconds)
{
    private const long Second = 1_000_000_000;

    public readonly long tv_sec = nanoseconds / Second;
    public readonly long tv_nsec = nanoseconds % Second;
}
