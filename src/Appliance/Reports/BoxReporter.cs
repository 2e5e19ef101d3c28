using Middlebox.Appliance.Options;
using Middlebox.Interceptor;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Servers;
using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Paths;

namespace Middlebox.Appliance.Reports;

/// <summary>Gathers what the running box can tell. Any thread may ask; nothing here stops a packet or a relay thread.</summary>
public sealed class BoxReporter(
    MiddleboxOptions options,
    PacketInterceptor interceptor,
    RelayEngine engine,
    OptionalCounters optional,
    ServerCapabilities servers,
    TimeProvider time)
{
    private readonly DateTimeOffset _since = time.GetUtcNow();

    /// <summary>When the box began to serve.</summary>
    public DateTimeOffset Since => _since;

    /// <summary>The mode in force.</summary>
    public NegotiationMode Mode { get; set; } = options.Mode;

    public StatusReport Status() => new()
    {
        Name = options.Name,
        Mode = Mode,
        Since = _since,
        Contexts = new ContextsReport(
            interceptor.Negotiators.Sum(negotiator => negotiator.ContextCount),
            interceptor.Negotiators.Sum(negotiator => negotiator.ContextsCreated),
            Released()),
        Flows = new FlowTotals(engine.ActiveFlows, engine.TotalFlows, engine.EndedFlows()),
        Bypassed = Bypassed(),
        Claims = Claims(),
        Converter = optional.Converter is { } converter
            ? new ConverterReport(converter.Pending, converter.Served.Count, converter.Asked.Count, converter.Refused.Occurred(), converter.ErrorsWithheld.Count)
            : null,
        Addressed = optional.Addressed is { } addressed
            ? new AddressedReport(
                addressed.Pending, addressed.Relayed.Count, addressed.Unobserved.Occurred(), addressed.Carried.Count, addressed.Ended.Occurred(), addressed.Refused.Occurred(),
                addressed.Handshakes, addressed.HandshakesEnded.Occurred())
            : null,
        HostProxy = optional.HostProxy is { } host
            ? new HostProxyReport(
                host.Sent.Count, host.Answered.Count, host.ServerRefused.Count, host.RefusedByProxy.Count, host.Unanswered.Count, host.Direct.Count, host.Joined.Count)
            : null,
        Packets = new PacketsReport(interceptor.PacketsReceived, interceptor.Overruns, interceptor.Failures, engine.Listeners, interceptor.PassedByKeeper),
    };

    /// <summary>Contexts that ended, by reason; reasons that have not occurred are left out, here and below.</summary>
    public IReadOnlyDictionary<Reason, long> Released() => Sum(negotiator => negotiator.Released);

    /// <summary>SYNs for which no context was made, by reason.</summary>
    public IReadOnlyDictionary<Reason, long> Bypassed() => Sum(negotiator => negotiator.Bypassed);

    /// <summary>What became of claims, by reason.</summary>
    public IReadOnlyDictionary<Reason, long> Claims() => Sum(negotiator => negotiator.Claims);

    public IReadOnlyList<FlowReport> Flows() => [.. engine.Flows().Select(Report)];

    /// <summary>What is known of the servers of clients without MPTCP, the latest first.</summary>
    public IReadOnlyList<KnownServerReport> Servers() =>
    [
        .. servers.ToList().OrderBy(server => server.Age).Select(server => new KnownServerReport(
            server.Server.ToString(), server.Capability, Math.Round(server.Age.TotalSeconds), Math.Round(server.Remaining.TotalSeconds))),
    ];

    /// <summary>Forgets all of those.</summary>
    public ClearedServersReport ClearServers() => new(servers.Clear());

    /// <summary>A connection as <c>flows</c> tells it.</summary>
    public static FlowReport Report(FlowSnapshot flow) => new(
        flow.Key.Client.ToString(),
        flow.Key.Server.ToString(),
        flow.IsMptcp,
        [.. flow.Subflows.Select(Describe)],
        flow.BytesUp,
        flow.BytesDown,
        flow.Reason,
        flow.Claim is { } claim ? new ClaimReport(claim.ProxyId, claim.Preference) : null,
        flow.Since);

    private static SubflowReport Describe(Subflow subflow) => new(subflow.Local.ToString(), subflow.Remote.ToString());

    private Dictionary<Reason, long> Sum(Func<Negotiator, EventCounters<Reason>> counters)
    {
        var sum = new Dictionary<Reason, long>();
        foreach (var negotiator in interceptor.Negotiators)
            counters(negotiator).AddTo(sum);
        return sum;
    }
}
