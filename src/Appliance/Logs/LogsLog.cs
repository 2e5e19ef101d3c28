using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Logs;

/// <summary>Log messages about the log; ids 4600 to 4699, never used twice.</summary>
internal static partial class LogsLog
{
    [LoggerMessage(4600, LogLevel.Warning, "{Count} more events [{Number}] came faster than Logs:MaxPerSecond allows, and were left out")]
    public static partial void LeftOut(ILogger logger, long count, int number);
}
