using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Service;

/// <summary>Log messages of the daemon as a service; ids 4700 to 4799, never used twice.</summary>
internal static partial class ServiceLog
{
    [LoggerMessage(4700, LogLevel.Information, "{Left} connections have {Patience} to finish; new ones pass unproxied")]
    public static partial void Draining(ILogger logger, int left, TimeSpan patience);

    [LoggerMessage(4701, LogLevel.Warning, "{Left} connections have not finished, and are reset")]
    public static partial void NotDrained(ILogger logger, int left);

    [LoggerMessage(4702, LogLevel.Error, "A thread has not gone round for {Silence}: the service manager is told nothing until it does")]
    public static partial void StandsStill(ILogger logger, TimeSpan silence);
}
