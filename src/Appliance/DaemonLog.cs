using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance;

/// <summary>Log messages of the daemon; ids 4000 to 4099, never used twice.</summary>
internal static partial class DaemonLog
{
    [LoggerMessage(4000, LogLevel.Information, "Serving as {Name}, mode {Mode}, control socket {Socket}")]
    public static partial void Serving(ILogger logger, string name, NegotiationMode mode, string socket);

    [LoggerMessage(4001, LogLevel.Information, "Stopping {Name}")]
    public static partial void Stopping(ILogger logger, string name);
}
