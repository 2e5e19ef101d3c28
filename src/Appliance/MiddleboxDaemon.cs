using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Dashboard;
using Middlebox.Appliance.Explain;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Host.Uplinks;
using Middlebox.Appliance.Http;
using Middlebox.Appliance.Keeper;
using Middlebox.Appliance.Metrics;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Appliance.Servers;
using Middlebox.Appliance.Service;
using Middlebox.Appliance.Trace;
using Middlebox.Interceptor;
using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.HostRole;
using Middlebox.Interceptor.Injection;
using Middlebox.Interceptor.Rules;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Servers;
using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Converter;
using Middlebox.ProxyEngine.Converter.Client;
using Middlebox.ProxyEngine.Survival;

namespace Middlebox.Appliance;

/// <summary>
/// A running box: puts the parts together, starts them in the order in which they need each other, and ends them in the
/// reverse one. Rules are installed last and removed first, so that packets come only while somebody takes them.
/// </summary>
internal sealed class MiddleboxDaemon(
    IOptions<MiddleboxOptions> configuration, ConfigurationFile file, ServiceManager service, TimeProvider time, ILoggerFactory loggers) : IHostedService
{
    private readonly MiddleboxOptions _options = configuration.Value;
    private readonly ILogger _logger = loggers.CreateLogger<MiddleboxDaemon>();
    private readonly Stack<Func<ValueTask>> _endings = new();
    private FlowSurvival? _survival;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Start();
        }
        catch
        {
            // A daemon that was to go on with the connections of another leaves them, and what carries them on this host, to the next one.
            if (_survival is not { IsSuccession: true })
                await StopAsync(CancellationToken.None);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        while (_endings.TryPop(out var end))
            await end();
    }

    private void Start()
    {
        var marks = PacketMarks.Parse(_options.Interceptor.MarkMask);

        // First of all, so that nothing of a box that runs is taken for leftovers of one that does not: neither its journal nor its rules.
        EndWith(new InstanceLock(_options.LockPath));
        EndWith(new NamespaceClaim());
        if (ControlClient.IsAnswered(_options.ControlSocketPath))
        {
            throw new HostSetupException(
                $"a box answers at {_options.ControlSocketPath} already; give this one another {nameof(MiddleboxOptions.Name)}");
        }

        var device = EndWith(new TunDevice(_options.Interceptor.Device));
        var host = new HostSetup(_options, marks, loggers.CreateLogger<HostSetup>());
        var maxFlows = AffordableFlows();
        var survival = _survival = new FlowSurvival(
            KeeperChannel.FromParent(), maxFlows + DescriptorBudget.MaxHalfOpen(_options), loggers.CreateLogger<FlowSurvival>());
        survival.GetOn();
        if (survival.IsSuccession)
            host.Succeed();
        else
            host.Recover();
        EndWith(host.Restore);
        host.Prepare();
        survival.GetOn();

        var tokens = new ServedTokens(time);
        var relayed = new RelayedFlows(time);
        var servers = new ServerCapabilities(_options.Negotiation, time);
        var knownServers = EndWith(new KnownServersFile(_options.KnownServersPath, servers, time, loggers.CreateLogger<KnownServersFile>()));
        knownServers.Load();
        knownServers.Start();
        var states = new NegotiationStateFactory(
            new DroppingServers(_options.Negotiation.MaxDroppingServers, _options.Negotiation.DroppingServerLifetime, time),
            servers,
            tokens,
            relayed,
            time);
        var state = states.Create(_options);
        var meter = EndWith(new Meter(BoxInstruments.MeterName));
        // Before anything is recorded, or it would miss the first values of histograms.
        var collector = EndWith(new MetricsCollector(meter));
        var engine = EndWith(new RelayEngine(
            _options.ProxyEngine with { MaxFlows = maxFlows },
            new SocketMarks(marks.ClientLeg, marks.ServerLeg),
            [.. _options.Addressed.Listen.Select(HostEndpoint.Parse)],
            tokens,
            relayed,
            survival,
            new RelayInstruments(meter),
            time,
            loggers.CreateLogger<RelayEngine>()));
        var contextsPerQueue = Math.Max(1, _options.Negotiation.MaxContexts / _options.Interceptor.Queues);
        var halfOpenPerQueue = Math.Max(1, _options.Negotiation.MaxHalfOpen / _options.Interceptor.Queues);
        var historyPerQueue = Math.Max(1, _options.Control.HistoryLength / _options.Interceptor.Queues);
        var interceptor = EndWith(new PacketInterceptor(
            _options.Interceptor,
            marks,
            () => new Negotiator(state, contextsPerQueue, halfOpenPerQueue, time, historyPerQueue),
            engine,
            device,
            time,
            loggers.CreateLogger<PacketInterceptor>()));
        var converter = OpenConverter(engine, marks, servers);
        var addressed = OpenAddressed(marks, engine, device, tokens);
        var dialler = OpenConverterDialler(engine, marks, servers);
        var hostProxy = OpenHostProxy(marks, servers, dialler);
        Adopt(CheckedKeys.Of(_options), _options, addressed, hostProxy);
        survival.GetOn();
        engine.Start();
        interceptor.Start();
        foreach (var (queue, socket) in interceptor.Queues)
            survival.ShareQueue(queue, socket, interceptor.StandInTally);

        var reporter = new BoxReporter(
            _options, interceptor, engine, new OptionalCounters(converter?.Counters, addressed?.Counters, hostProxy?.Counters), servers, time);
        EndWith(HostSetup.RemoveRules);
        host.InstallRules(addressed is { LeadsPastRules: true });
        survival.GetOn();
        EndWith(new LinkWatch(host.Uplinks, time));
        converter?.Start();
        dialler?.Start();

        var tracers = new TraceTotals();
        var rules = new RulesGuard(
            host.AreRulesInForce, host.MendRules, [.. HostSetup.Families], time, loggers.CreateLogger<HostSetup>());
        _endings.Push(rules.DisposeAsync);
        var instruments = new BoxInstruments(meter, _options, reporter, interceptor, engine, rules, tracers);
        if (converter is not null)
            instruments.Add(converter.Counters);
        if (addressed is not null)
            instruments.Add(addressed.Counters);
        if (hostProxy is not null)
            instruments.Add(hostProxy.Counters);
        ServeMetrics(collector, () => Ailments(rules, Silence(interceptor, engine)));

        // Last: who gets an answer may rely on the box serving.
        List<DecisionHistory> histories = [.. interceptor.Negotiators.Select(negotiator => negotiator.History)];
        histories.AddRange(new[] { addressed?.History, hostProxy?.History }.OfType<DecisionHistory>());
        var trace = new TraceSession(_options.Name, histories, tracers, time);
        var explainer = new Explainer(_options, interceptor.Negotiators[0], histories, engine, time);
        var retirement = new Retirement(survival, interceptor, engine, time, _logger);
        var control = new ControlServer(
            _options.ControlSocketPath,
            new ControlAnswers(
                reporter.Status, reporter.Flows, reporter.Servers, reporter.ClearServers, retirement.Begin, explainer.Explain, trace.RunAsync),
            _logger,
            _options.Control.Group);
        _endings.Push(control.DisposeAsync);
        ServeDashboard(reporter, engine, interceptor, explainer, rules);
        var drain = new Drain(
            () =>
            {
                interceptor.Adopt(state with { IsStopping = true });
                addressed?.Retire();
                dialler?.Retire();
            },
            () => engine.ActiveFlows + engine.Handshakes,
            service,
            time,
            _logger)
        { Patience = _options.StopPatience };
        instruments.Add(EndWith(new ConfigurationReloader(
            file.Path,
            _options,
            next =>
            {
                if (drain.HasBegun)
                    throw new HostSetupException("the box is about to end");
                drain.Patience = next.StopPatience;
                // Claims get into SYN/ACKs by a rule, which must be there before the first claim is made.
                var nextState = states.Create(next);
                var nextKeys = CheckedKeys.Of(next);
                host.Adapt(next);
                state = nextState;
                interceptor.Adopt(nextState);
                Adopt(nextKeys, next, addressed, hostProxy);
                reporter.Mode = next.Mode;
                explainer.Options = next;
            },
            service,
            time,
            _logger)));
        survival.BeginServing();
        _endings.Push(new KeeperSigns(survival.Live, () => Silence(interceptor, engine), time).DisposeAsync);
        // Not before the keeper knows: a daemon that dies a moment later is one that has served.
        DaemonLog.Serving(_logger, _options.Name, _options.Mode, _options.ControlSocketPath);
        if (service.IsThere)
        {
            var signs = new LifeSigns(service, () => Silence(interceptor, engine), () => StatusOf(engine), time, _logger);
            _endings.Push(signs.DisposeAsync);
        }

        _endings.Push(async () => await drain.RunAsync());
        EndWith(() => DaemonLog.Stopping(_logger, _options.Name));
        service.Ready(StatusOf(engine));
    }

    private static TimeSpan Silence(PacketInterceptor interceptor, RelayEngine engine) =>
        interceptor.Silence > engine.Silence ? interceptor.Silence : engine.Silence;

    private static string StatusOf(RelayEngine engine) => $"Serving, {engine.ActiveFlows} connections are relayed";

    private ConverterServer? OpenConverter(RelayEngine engine, PacketMarks marks, ServerCapabilities servers)
    {
        if (_options.Converter.Listen.Count == 0)
            return null;
        try
        {
            return EndWith(new ConverterServer(
                _options.Converter,
                _options.ProxyEngine,
                engine,
                new SocketMarks(marks.ClientLeg, marks.ServerLeg),
                SynOptions.OfThisHost(),
                servers,
                time,
                loggers.CreateLogger<ConverterServer>()));
        }
        catch (ErrnoException failure)
        {
            throw new HostSetupException(
                $"Converter:Listen ({string.Join(", ", _options.Converter.Listen)}): {failure.Message}; each must be an address of this host and a free port");
        }
    }

    private AddressedInterceptor? OpenAddressed(PacketMarks marks, RelayEngine engine, TunDevice device, ServedTokens tokens)
    {
        var options = _options.Addressed;
        if (options.Listen.Count == 0)
            return null;
        return EndWith(new AddressedInterceptor(
            options,
            TranslationRules.RelayQueue(_options.Interceptor),
            marks,
            new AddressedPolicy(options.ToPolicy(), EndWith(new OwnAddresses()).Contains),
            _options.Negotiation,
            engine,
            device,
            tokens,
            LeadsPastRules(marks),
            _options.Control.HistoryLength,
            time,
            loggers.CreateLogger<AddressedInterceptor>()));
    }

    private bool LeadsPastRules(PacketMarks marks)
    {
        if (!_options.Addressed.FastPath)
            return false;
        if (FastPathObstacles.Find(marks) is not { } obstacle)
            return true;
        DaemonLog.NotPastRules(_logger, obstacle);
        return false;
    }

    private ConverterDialler? OpenConverterDialler(RelayEngine engine, PacketMarks marks, ServerCapabilities servers) => !_options.HostProxy.UsesConverter
        ? null
        : EndWith(new ConverterDialler(
            _options.ProxyEngine, engine, marks.ServerLeg, _options.HostProxy.ReachPatience, servers, time, loggers.CreateLogger<ConverterDialler>()));

    private HostProxyInterceptor? OpenHostProxy(PacketMarks marks, ServerCapabilities servers, ConverterDialler? dialler) => _options.HostProxy.Proxies.Count == 0
        ? null
        : EndWith(new HostProxyInterceptor(
            _options.HostProxy, TranslationRules.HostQueue(_options.Interceptor), marks, servers, dialler, _options.Control.HistoryLength, time,
            loggers.CreateLogger<HostProxyInterceptor>()));

    private static void Adopt(CheckedKeys keys, MiddleboxOptions options, AddressedInterceptor? addressed, HostProxyInterceptor? hostProxy)
    {
        addressed?.Adopt(keys.Tags, options.Negotiation);
        hostProxy?.Adopt(keys.Host);
    }

    private int AffordableFlows()
    {
        var openFiles = ProcessLimits.OpenFiles();
        var flows = DescriptorBudget.MaxFlows(openFiles, _options);
        if (flows < _options.ProxyEngine.MaxFlows)
            DaemonLog.FewDescriptors(_logger, openFiles, flows, _options.ProxyEngine.MaxFlows);
        return flows;
    }

    private void ServeDashboard(
        BoxReporter reporter, RelayEngine engine, PacketInterceptor interceptor, Explainer explainer, RulesGuard rules)
    {
        if (_options.Dashboard.Endpoint.Length == 0)
            return;
        try
        {
            var dashboard = new DashboardService(_options, reporter, engine, interceptor, explainer, rules, time, _logger);
            _endings.Push(dashboard.DisposeAsync);
        }
        catch (SocketException failure)
        {
            // No reason not to serve.
            DashboardLog.Unavailable(_logger, _options.Dashboard.Endpoint, failure.Message);
        }
    }

    private void ServeMetrics(MetricsCollector collector, Func<IReadOnlyList<string>> ailments)
    {
        if (_options.Metrics.Endpoint is not { Length: > 0 } endpoint)
            return;
        try
        {
            var address = IPEndPoint.Parse(endpoint);
            var pages = new MetricsPages(collector.Write, ailments);
            var server = new HttpServer(address, MetricsPages.Limits, pages.Answer, _logger);
            _endings.Push(server.DisposeAsync);
            MetricsLog.Listening(_logger, server.Endpoint.ToString());
            if (!IPAddress.IsLoopback(address.Address))
                MetricsLog.Open(_logger, server.Endpoint.ToString());
        }
        catch (SocketException failure)
        {
            throw new HostSetupException($"Metrics:Endpoint {endpoint} cannot be listened on: {failure.Message}");
        }
    }

    /// <summary>A thread that fails ends the process, so what answers at all lacks its rules at most, or goes round too slowly.</summary>
    private static List<string> Ailments(RulesGuard rules, TimeSpan silence)
    {
        List<string> ailments =
        [
            .. rules.Missing.Select(family =>
                $"the rules of {family} are gone and cannot be installed again, so its connections pass unproxied; the log says why"),
        ];
        if (silence >= LifeSigns.LongestSilence)
            ailments.Add($"a thread has not gone round for {silence.TotalSeconds:0} s");
        return ailments;
    }

    private T EndWith<T>(T part)
        where T : IDisposable
    {
        EndWith(part.Dispose);
        return part;
    }

    private void EndWith(Action end) => _endings.Push(() =>
    {
        end();
        return ValueTask.CompletedTask;
    });
}
