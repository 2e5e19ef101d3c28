using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Metrics;

/// <summary>Log messages of the metrics endpoint; ids 4300 to 4399, never used twice.</summary>
internal static partial class MetricsLog
{
    [LoggerMessage(4300, LogLevel.Information, "Metrics at http://{Endpoint}/metrics, health at /healthz")]
    public static partial void Listening(ILogger logger, string endpoint);

    [LoggerMessage(4301, LogLevel.Warning, "The metrics at {Endpoint} are open to whoever reaches that address; nobody is asked for a password")]
    public static partial void Open(ILogger logger, string endpoint);

    // 4302 was the end of the metrics endpoint for good.
}
