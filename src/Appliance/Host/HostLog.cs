using Microsoft.Extensions.Logging;
using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Host;

/// <summary>Log messages of the host's set-up; ids 4100 to 4199, never used twice.</summary>
internal static partial class HostLog
{
    [LoggerMessage(4100, LogLevel.Warning, "An earlier run was not ended in order; undoing what {Journal} says")]
    public static partial void Recovering(ILogger logger, string journal);

    [LoggerMessage(4106, LogLevel.Information, "Going on from what the daemon before has set up, by {Journal}")]
    public static partial void Succeeding(ILogger logger, string journal);

    [LoggerMessage(4101, LogLevel.Warning, "Not restored: {Problem}")]
    public static partial void NotRestored(ILogger logger, string problem);

    [LoggerMessage(4102, LogLevel.Warning,
        "No sets are to be had ({Problem}), so the SYN/ACKs of all connections are queued; 'middlebox check' tells the remedy")]
    public static partial void NoSets(ILogger logger, string problem);

    [LoggerMessage(4103, LogLevel.Warning, "The rules of {Family} were gone or changed, and are installed again")]
    public static partial void RulesMended(ILogger logger, RuleFamily family);

    [LoggerMessage(4104, LogLevel.Error, "The rules of {Family} are gone or changed, and cannot be installed again, so its connections pass unproxied: {Problem}")]
    public static partial void RulesNotMended(ILogger logger, RuleFamily family, string problem);
}
