using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.HostRole;
using Middlebox.ProxyEngine.Listeners;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine;

/// <summary>Log messages of the proxy engine; ids 3000 to 3999, never used twice.</summary>
internal static partial class ProxyEngineLog
{
    [LoggerMessage(3000, LogLevel.Warning,
        "No listener for {Listener} ({Error}): connections to it pass unproxied. EADDRINUSE: a service of this box listens"
        + " on the wildcard address; bind it to one of the box's addresses, or add the port to ReservedPorts. EACCES: the daemon lacks CAP_NET_BIND_SERVICE")]
    public static partial void ListenerUnavailable(ILogger logger, ListenerKey listener, Errno error);

    [LoggerMessage(3001, LogLevel.Warning, "The server's half of {Flow} could not be adopted: {Call} ({Error})")]
    public static partial void AdoptionFailed(ILogger logger, FlowKey flow, string call, Errno error);

    [LoggerMessage(3002, LogLevel.Critical, "Relay thread {Worker} failed; its connections are lost")]
    public static partial void RelayThreadFailed(ILogger logger, int worker, Exception failure);

    [LoggerMessage(3003, LogLevel.Debug, "{Flow} relayed, MPTCP {IsMptcp}")]
    public static partial void FlowBegan(ILogger logger, FlowKey flow, bool isMptcp);

    [LoggerMessage(3004, LogLevel.Debug, "{Flow} ended: {End} ({Error}), {BytesUp} bytes up, {BytesDown} down")]
    public static partial void FlowEnded(
        ILogger logger, FlowKey flow, FlowEnd end, Errno error, long bytesUp, long bytesDown);

    [LoggerMessage(3005, LogLevel.Debug, "The server of {Flow} could not be dialled: {Call} ({Error})")]
    public static partial void DialUnavailable(ILogger logger, FlowKey flow, string call, Errno error);

    [LoggerMessage(3006, LogLevel.Debug, "The server of {Flow} did not take the connection of the box ({Error})")]
    public static partial void DialFailed(ILogger logger, FlowKey flow, Errno error);

    [LoggerMessage(3007, LogLevel.Critical, "The thread that dials failed")]
    public static partial void DiallerFailed(ILogger logger, Exception failure);

    [LoggerMessage(3008, LogLevel.Debug, "The converter does not serve {Client} to {Server}: {Refusal}, {Explanation}")]
    public static partial void ConversionRefused(
        ILogger logger, HostEndpoint client, HostEndpoint server, ConvertRefusal refusal, string explanation);

    [LoggerMessage(3030, LogLevel.Warning,
        "Addressed:Listen: {Endpoint} cannot be listened on ({Error}), so connections of legacy servers are only relayed there. EADDRNOTAVAIL: the address is none of"
        + " this host's; EADDRINUSE: another program listens there. Start the box again when that is mended")]
    public static partial void OwnListenerUnavailable(ILogger logger, HostEndpoint endpoint, Errno error);

    [LoggerMessage(3009, LogLevel.Critical, "The converter's thread failed")]
    public static partial void ConverterFailed(ILogger logger, Exception failure);

    [LoggerMessage(3013, LogLevel.Debug, "{Flow} of this host is not connected by the converter at {Converter}: {Outcome} ({Why})")]
    public static partial void NotConverted(ILogger logger, FlowKey flow, HostEndpoint converter, ConvertedOutcome outcome, string why);

    [LoggerMessage(3014, LogLevel.Critical, "The thread that asks converters failed")]
    public static partial void ConverterDiallerFailed(ILogger logger, Exception failure);
}
