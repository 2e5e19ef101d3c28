using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Explain;

/// <summary>How the next connection between two would be decided on, by each way in which it may come to the box: what decides on one says nothing of the others.</summary>
/// <param name="Forwarded">If the box forwards it; null if it is this host's own, which is never forwarded.</param>
/// <param name="Named">If its SYN names the server to the box; null if none can.</param>
/// <param name="OfHost">If it is this host's own; null if it is not.</param>
internal sealed record Forecasts(ForecastReport? Forwarded, NamedForecastReport? Named, HostForecastReport? OfHost)
{
    /// <summary>Those of a question that leaves open which connection is meant.</summary>
    public static Forecasts None { get; } = new(null, null, null);

    /// <param name="options">The configuration in force.</param>
    /// <param name="state">What decisions on forwarded connections are made by.</param>
    /// <param name="connection">Client and server.</param>
    /// <param name="isOwn">Whether an address is this host's.</param>
    public static Forecasts Of(MiddleboxOptions options, NegotiationState state, in FlowKey connection, Func<HostAddress, bool> isOwn) =>
        isOwn(connection.Client.Address)
            ? None with { OfHost = HostForecast.Of(options.HostProxy, connection.Server) }
            : new Forecasts(Report(PolicyForecast.Of(state, in connection), options, connection.Server.Port), NamedForecast.Of(options.Addressed, in connection, isOwn), null);

    /// <summary>How the next one would be decided on if it comes in the way of an earlier one; null if that is not known.</summary>
    /// <param name="latest">The latest decision on such a connection; default if there was none.</param>
    public Reason? InTheWayOf(in DecisionRecord latest) => latest.Proxy == default ? Forwarded?.Reason : Named?.Reason;

    private static ForecastReport Report(PolicyForecast forecast, MiddleboxOptions options, PortNumber port) => new(
        $"{MiddleboxOptions.Section}:{nameof(options.Policy)}:"
        + (forecast.RuleNumber is { } number ? $"{nameof(PolicyOptions.Rules)}:{number}" : nameof(PolicyOptions.Default)),
        forecast.Rule.Action,
        forecast.Reason is Reason.Served or Reason.Claimed && options.ProxyEngine.ReservedPorts.Contains(port.Value) ? Reason.PortReserved : forecast.Reason);
}
