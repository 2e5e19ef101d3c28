using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance;

/// <summary>Log messages of the daemon; ids 4000 to 4099, never used twice.</summary>
internal static partial class DaemonLog
{
    [LoggerMessage(4000, LogLevel.Information, "Serving as {Name}, mode {Mode}, control socket {Socket}")]
    public static partial void Serving(ILogger logger, string name, NegotiationMode mode, string socket);

    [LoggerMessage(4001, LogLevel.Information, "Stopping {Name}")]
    public static partial void Stopping(ILogger logger, string name);

    [LoggerMessage(4007, LogLevel.Information, "Retiring: new connections pass until another daemon serves, which goes on with the others")]
    public static partial void Retiring(ILogger logger);

    [LoggerMessage(4002, LogLevel.Information, "Configuration {Path} is in force, mode {Mode}")]
    public static partial void ConfigurationReloaded(ILogger logger, string path, NegotiationMode mode);

    [LoggerMessage(4003, LogLevel.Error, "Configuration {Path} is refused, the old one stays: {Errors}")]
    public static partial void ConfigurationRefused(ILogger logger, string path, string errors);

    [LoggerMessage(4004, LogLevel.Warning,
        "This process may have {OpenFiles} open files, which suffice for {Flows} connections instead of {Configured}; more than that pass unproxied")]
    public static partial void FewDescriptors(ILogger logger, long openFiles, int flows, int configured);

    [LoggerMessage(EventId = 4005, Message = "{Finding}")]
    public static partial void Found(ILogger logger, LogLevel level, Finding finding);

    [LoggerMessage(4008, LogLevel.Information, "Relayed segments take the kernel's rules, because {Obstacle}")]
    public static partial void NotPastRules(ILogger logger, string obstacle);

    [LoggerMessage(4006, LogLevel.Critical, "Not started: {Reason}")]
    public static partial void NotStarted(ILogger logger, string reason);
}
