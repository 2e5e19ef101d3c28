using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Control;

/// <summary>Log messages of the control socket; ids 4200 to 4299, never used twice.</summary>
internal static partial class ControlLog
{
    [LoggerMessage(4200, LogLevel.Error, "The control socket takes no more questions; the box goes on serving")]
    public static partial void AcceptFailed(ILogger logger, Exception failure);
}
