using Middlebox.Native;

namespace Middlebox.Appliance.Host;

/// <summary>Limits of this process.</summary>
internal static class ProcessLimits
{
    /// <summary>Descriptors that may be open; the runtime raises the soft limit to the hard one.</summary>
    public static long OpenFiles()
    {
        _ = Libc.getrlimit(Libc.RLIMIT_NOFILE, out var limit);
        return (long)Math.Min(limit.rlim_max, long.MaxValue);
    }
}
