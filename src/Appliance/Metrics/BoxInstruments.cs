using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Appliance.Trace;
using Middlebox.Interceptor;
using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.HostRole;
using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Converter;

namespace Middlebox.Appliance.Metrics;

/// <summary>
/// The box's counters and gauges as instruments. They own no numbers: each reads, when somebody scrapes, the counter that <c>status</c>
/// reads too, which packet and relay threads write without knowing of either.
/// </summary>
/// <remarks>Labels come from closed enumerations only, so that nothing on the wire can make a series.</remarks>
internal sealed class BoxInstruments
{
    /// <summary>Name of the meter that all instruments of a box belong to.</summary>
    public const string MeterName = "Middlebox";

    /// <summary>Version of the executable.</summary>
    public static readonly string Version =
        typeof(BoxInstruments).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private readonly Meter _meter;

    public BoxInstruments(
        Meter meter,
        MiddleboxOptions options,
        BoxReporter reporter,
        PacketInterceptor interceptor,
        RelayEngine engine,
        RulesGuard rules,
        TraceTotals tracers)
    {
        _meter = meter;
        _meter.CreateObservableGauge(
            "middlebox.info",
            () => new Measurement<long>(
                1, new("name", options.Name), new("mode", Text(reporter.Mode)), new("version", Version)),
            null,
            "Name, mode in force and version of the box; always 1");
        Gauge("start.time", "s", "When the box began to serve, in seconds since 1970", () => reporter.Since.ToUnixTimeSeconds());
        Gauge("rules.missing", "{family}", "Address families whose rules are gone: their connections pass unproxied", () => rules.Missing.Count);
        Counter("rules.mended", "{family}", "Times that rules were gone or changed and were installed again", () => rules.Mended);
        Gauge("tracers", "{client}", "Clients of the control socket that trace now", () => tracers.Tracers);
        Counter("trace.lost", "{decision}", "Decisions that tracers were too slow to be told", () => tracers.Lost);
        AddContexts(options, reporter, interceptor);
        AddFlows(engine);
        AddPackets(interceptor);
        Labelled(
            "kernel.mptcp", "{event}", "Counters of the kernel's MPTCP (MPTcpExt of nstat), all connections of the network namespace", "counter",
            () => KernelMptcpCounters.Read().Where(counter => KernelMptcpCounters.Telling.Contains(counter.Key)));
    }

    /// <summary>Adds what can be said of reloads, which begin when all else serves.</summary>
    public void Add(ConfigurationReloader reloader) => Labelled(
        "configuration.reloads", "{reload}", "Times that the configuration was read again, by what became of it", "result",
        () => [new("applied", reloader.Applied), new("refused", reloader.Refused)]);

    /// <summary>Adds what the converter counts, on a box that has one.</summary>
    public void Add(ConverterCounters converter)
    {
        Gauge("converter.pending", "{connection}", "Connections to the converter that are being set up or refused now", () => converter.Pending);
        Counter("converter.served", "{connection}", "Connections to the converter that were handed to the relay", () => converter.Served.Count);
        Counter("converter.asked", "{connection}", "Clients that only asked which TCP extensions the converter supports", () => converter.Asked.Count);
        Labelled("converter.refused", "{connection}", "Connections to the converter that were not served, by why", "reason", () => Named(converter.Refused.Occurred()));
        Counter("converter.errors.withheld", "{error}", "Errors that were not sent because the client had been sent enough", () => converter.ErrorsWithheld.Count);
    }

    /// <summary>Adds what is counted of hosts that name their servers in the SYN, on a box that relays them.</summary>
    public void Add(AddressedCounters addressed)
    {
        Gauge("addressed.pending", "{connection}", "Connections whose hosts do not yet know their servers' own addresses", () => addressed.Pending);
        Counter("addressed.relayed", "{connection}", "Connections of hosts that name their servers in the SYN, relayed by the kernel", () => addressed.Relayed.Count);
        Labelled(
            "addressed.unobserved", "{connection}", "Those among them that the box does not look at, by why there was no room", "reason",
            () => Named(addressed.Unobserved.Occurred()));
        Counter("addressed.carried", "{connection}", "Those whose segments were led past the rules", () => addressed.Carried.Count);
        Labelled("addressed.ended", "{connection}", "Connections that are looked at no more, by how far it came", "state", () => Named(addressed.Ended.Occurred()));
        Labelled("addressed.refused", "{packet}", "SYNs of hosts that were to name a server, and were not relayed, by why", "reason", () => Named(addressed.Refused.Occurred()));
        Gauge(
            "addressed.handshakes", "{connection}", "Connections of legacy servers on which the box acts, and whose hosts have not completed their handshakes",
            () => addressed.Handshakes);
        Labelled(
            "addressed.handshakes.ended", "{connection}", "Connections of legacy servers that were named in the SYN, by what became of them", "reason",
            () => Named(addressed.HandshakesEnded.Occurred()));
        Counter("addressed.failures", "{packet}", "Packets of such connections that passed because handling them failed", () => addressed.Failures.Count);
    }

    /// <summary>Adds what is counted of the host's own connections, on a host that sends them over a proxy.</summary>
    public void Add(HostProxyCounters host)
    {
        Labelled("host_proxy.connections", "{connection}", "The host's own connections that were to go over a proxy, by what happened", "event",
            () =>
            [
                new("sent", host.Sent.Count), new("answered", host.Answered.Count), new("server_refused", host.ServerRefused.Count),
                new("refused_by_proxy", host.RefusedByProxy.Count), new("unanswered", host.Unanswered.Count), new("direct", host.Direct.Count), new("joined", host.Joined.Count),
            ]);
        Counter("host_proxy.failures", "{packet}", "Packets of such connections that passed because handling them failed", () => host.Failures.Count);
    }

    private void AddContexts(MiddleboxOptions options, BoxReporter reporter, PacketInterceptor interceptor)
    {
        Gauge("contexts", "{context}", "Connections being set up that are remembered now",
            () => interceptor.Negotiators.Sum(negotiator => (long)negotiator.ContextCount));
        Gauge("contexts.limit", "{context}", "Most contexts that the configuration allows", () => options.Negotiation.MaxContexts);
        Counter("contexts.created", "{context}", "Contexts ever created",
            () => interceptor.Negotiators.Sum(negotiator => negotiator.ContextsCreated));
        Labelled("contexts.released", "{context}", "Contexts that ended, by reason", "reason", () => Named(reporter.Released()));
        Labelled("syns.bypassed", "{packet}", "SYNs for which no context was made, by reason", "reason", () => Named(reporter.Bypassed()));
        Labelled("claims", "{claim}", "What became of claims in the explicit scheme, by reason", "reason", () => Named(reporter.Claims()));
    }

    private void AddFlows(RelayEngine engine)
    {
        Gauge("flows", "{flow}", "Connections relayed now", () => engine.ActiveFlows);
        Gauge("flows.limit", "{flow}", "Most connections at a time that the configuration and the open files allow", () => engine.MaxFlows);
        Counter("flows.started", "{flow}", "Connections ever relayed", () => engine.TotalFlows);
        Labelled("flows.ended", "{flow}", "Connections that ended, by how", "end", () => Named(engine.EndedFlows()));
        Labelled(
            "relayed", "By", "Bytes relayed; up is from client to server", "direction",
            () => [new("up", engine.BytesUp), new("down", engine.BytesDown)]);
        Gauge("listeners", "{port}", "Server ports listened on now", () => engine.Listeners);
    }

    private void AddPackets(PacketInterceptor interceptor)
    {
        Counter("packets.received", "{packet}", "Segments of handshakes that the kernel queued", () => interceptor.PacketsReceived);
        Counter("queue.overruns", "{overrun}", "Times that packets passed because they came too fast", () => interceptor.Overruns);
        Counter(
            "packets.passed.by.keeper", "{packet}", "Packets that passed because the daemon did not take them in time, and its keeper stood in for it",
            () => interceptor.PassedByKeeper);
        Counter("packets.failed", "{packet}", "Packets that passed because the code failed on them; any is a fault", () => interceptor.Failures);
    }

    private void Gauge(string name, string unit, string description, Func<long> read) =>
        _meter.CreateObservableGauge($"middlebox.{name}", read, unit, description);

    private void Counter(string name, string unit, string description, Func<long> read) =>
        _meter.CreateObservableCounter($"middlebox.{name}", read, unit, description);

    private void Labelled(
        string name, string unit, string description, string label, Func<IEnumerable<KeyValuePair<string, long>>> read) =>
        _meter.CreateObservableCounter(
            $"middlebox.{name}",
            () => read().Select(entry => new Measurement<long>(entry.Value, new KeyValuePair<string, object?>(label, entry.Key))),
            unit,
            description);

    private static IEnumerable<KeyValuePair<string, long>> Named<T>(IReadOnlyDictionary<T, long> counts)
        where T : struct, Enum => counts.Select(count => KeyValuePair.Create(Text(count.Key), count.Value));

    /// <summary>Names as in the JSON of <c>status</c>.</summary>
    private static string Text<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
