using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Control;

/// <summary>Log messages of the control socket; ids 4200 to 4299, never used twice.</summary>
internal static partial class ControlLog
{
    // 4200 was the end of the control socket for good.
    [LoggerMessage(
        4201, LogLevel.Warning, "The control socket could not accept a question; it tries again every {Seconds} s, and says so once")]
    public static partial void AcceptFailed(ILogger logger, double seconds, Exception failure);
}
