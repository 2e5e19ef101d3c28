using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Servers;

/// <summary>Log messages of the file of known servers; ids 4700 to 4799, never used twice.</summary>
internal static partial class ServersLog
{
    [LoggerMessage(4800, LogLevel.Information, "{Count} servers are known from {Path}")]
    public static partial void Restored(ILogger logger, int count, string path);

    [LoggerMessage(4801, LogLevel.Warning, "What {Path} says of servers is not used: {Problem}; they are asked anew, and the file is written again")]
    public static partial void NotRead(ILogger logger, string path, string problem);

    [LoggerMessage(4802, LogLevel.Warning, "{Count} lines of {Path} say nothing of a server and are left out")]
    public static partial void FaultyLines(ILogger logger, string path, int count);

    [LoggerMessage(4803, LogLevel.Warning,
        "What is known of servers cannot be written to {Path} and is lost with the daemon: {Problem}; name another file in Negotiation:KnownServersFile")]
    public static partial void NotWritten(ILogger logger, string path, string problem);
}
