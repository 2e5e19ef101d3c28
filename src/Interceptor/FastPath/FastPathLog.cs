using Microsoft.Extensions.Logging;
using Middlebox.Native;

namespace Middlebox.Interceptor.FastPath;

/// <summary>Log messages of the fast path; ids 1100 to 1199, never used twice.</summary>
internal static partial class FastPathLog
{
    [LoggerMessage(1100, LogLevel.Information, "Relayed segments take the kernel's rules, because there is no faster path: {Reason}")]
    public static partial void Unavailable(ILogger logger, string reason);

    [LoggerMessage(1102, LogLevel.Information, "Segments of relayed connections are led past the rules where they arrive, at {Devices} devices")]
    public static partial void Attached(ILogger logger, int devices);

    [LoggerMessage(1101, LogLevel.Warning, "Relayed segments that arrive at {Device} take the kernel's rules, because it takes no program: {Error}")]
    public static partial void DeviceWithout(ILogger logger, string device, Errno error);
}
