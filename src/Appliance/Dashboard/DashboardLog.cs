using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Dashboard;

/// <summary>Log messages of the dashboard; ids 4500 to 4599, never used twice.</summary>
internal static partial class DashboardLog
{
    [LoggerMessage(4500, LogLevel.Information, "Dashboard at http://{Endpoint}/")]
    public static partial void Listening(ILogger logger, string endpoint);

    [LoggerMessage(4501, LogLevel.Error, "No dashboard: {Endpoint} cannot be listened on ({Reason}); the box serves without it")]
    public static partial void Unavailable(ILogger logger, string endpoint, string reason);

    [LoggerMessage(4502, LogLevel.Error, "The dashboard shows nothing new from now on; the box goes on serving")]
    public static partial void SamplingFailed(ILogger logger, Exception failure);
}
