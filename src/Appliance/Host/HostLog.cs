using Microsoft.Extensions.Logging;
using Middlebox.Interceptor.Rules;
using Middlebox.Negotiation.Addresses;

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

    [LoggerMessage(4105, LogLevel.Warning,
        "No mark can be left that says where the journal {Journal} lies ({Problem}), so a box with another control socket would not find it after a crash")]
    public static partial void NoMark(ILogger logger, string journal, string problem);

    [LoggerMessage(4107, LogLevel.Warning,
        "The routing rule '{Rule}' was there already, and is taken for what a box has left that was killed and whose journal is lost: it is removed at the end. Parameters"
            + " (net.mptcp, net.ipv4.tcp) and limits (ip mptcp limits) may still be as that one has set them")]
    public static partial void RuleWasThere(ILogger logger, string rule);

    [LoggerMessage(4110, LogLevel.Information, "Uplink {Address} on {Device} is a further path for connections ({Kind})")]
    public static partial void UplinkAdded(ILogger logger, HostAddress address, string device, string kind);

    [LoggerMessage(4111, LogLevel.Information, "Uplink {Address} on {Device} is no path any more")]
    public static partial void UplinkRemoved(ILogger logger, HostAddress address, string device);

    [LoggerMessage(4112, LogLevel.Warning, "Uplink {Address} on {Device} cannot be used as configured: {Problem}")]
    public static partial void UplinkNotAdded(ILogger logger, HostAddress address, string device, string problem);

    [LoggerMessage(4113, LogLevel.Warning,
        "Uplink {Address} on {Device} is an endpoint already that the box has not added for it (ip mptcp endpoint show), and is left as it is")]
    public static partial void UplinkIsForeign(ILogger logger, HostAddress address, string device);

    [LoggerMessage(4114, LogLevel.Warning, "Interfaces or endpoints cannot be looked at, so uplinks may not be as configured: {Problem}")]
    public static partial void UplinksUnknown(ILogger logger, string problem);
}
