using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Http;

/// <summary>Log messages of HTTP endpoints; ids 4400 to 4499, never used twice.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(
        4400, LogLevel.Warning, "{Endpoint} could not accept a request; it tries again every {Seconds} s, and says so once")]
    public static partial void AcceptFailed(ILogger logger, string endpoint, double seconds, Exception failure);

    [LoggerMessage(4401, LogLevel.Error, "{Endpoint} could not answer a request for {Path}; this is a fault of the box")]
    public static partial void AnswerFailed(ILogger logger, string endpoint, string path, Exception failure);
}
