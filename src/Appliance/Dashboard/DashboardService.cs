using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Explain;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Http;
using Middlebox.Appliance.Metrics;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Interceptor;
using Middlebox.Negotiation;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Dashboard;

/// <summary>The dashboard of a running box: puts its parts together.</summary>
internal sealed class DashboardService : IAsyncDisposable
{
    private readonly MiddleboxOptions _options;
    private readonly BoxReporter _reporter;
    private readonly RelayEngine _engine;
    private readonly PacketInterceptor _interceptor;
    private readonly RulesGuard _rules;
    private readonly TimeProvider _time;
    private readonly DashboardSampler _sampler;
    private readonly HttpServer _server;

    /// <exception cref="SocketException">Its port cannot be had.</exception>
    /// <exception cref="HostSetupException">Its token cannot be read.</exception>
    public DashboardService(
        MiddleboxOptions options,
        BoxReporter reporter,
        RelayEngine engine,
        PacketInterceptor interceptor,
        Explainer explainer,
        RulesGuard rules,
        TimeProvider time,
        ILogger logger)
    {
        _options = options;
        _reporter = reporter;
        _engine = engine;
        _interceptor = interceptor;
        _rules = rules;
        _time = time;
        var decisions = interceptor.Negotiators.Select(negotiator => negotiator.History).ToList();
        var history = new DashboardHistory();
        var table = new ConnectionTable(history, engine.LatestEnded, decisions, time);
        var detail = new ConnectionDetail(history, engine.LatestEnded, decisions, time);
        var attention = new Attention(time);
        var answers = new DashboardAnswers(
            after => Overview(history.After(after)), table.Read, detail.Read, query => explainer.Explain(query).Findings);
        var pages = new DashboardPages(answers, ReadToken(options.Dashboard), attention.Pay);
        _server = new HttpServer(IPEndPoint.Parse(options.Dashboard.Endpoint), DashboardPages.Limits, pages.Answer, logger);
        _sampler = new DashboardSampler(history, Totals, engine.Read, attention, time, logger);
        DashboardLog.Listening(logger, _server.Endpoint.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _sampler.DisposeAsync();
    }

    private static string? ReadToken(DashboardOptions options)
    {
        if (options.TokenFile.Length == 0)
            return null;
        return TokenFile.TryRead(options.TokenFile, out var token, out var problem) ? token : throw new HostSetupException($"Dashboard:TokenFile: {problem}");
    }

    private BoxTotals Totals() => new(
        _engine.BytesUp,
        _engine.BytesDown,
        _engine.ActiveFlows,
        _interceptor.Negotiators.Sum(negotiator => (long)negotiator.ContextCount),
        _reporter.Released().Concat(_reporter.Bypassed())
            // A further subflow is no new connection.
            .Where(count => count.Key is not (Reason.OwnJoin or Reason.ForeignJoin or Reason.EarlyJoin or Reason.JoinUnresolved))
            .GroupBy(count => count.Key)
            .ToDictionary(counts => counts.Key, counts => counts.Sum(count => count.Value)));

    private OverviewReport Overview(IReadOnlyList<RateSample> samples) => new(
        _options.Name,
        BoxInstruments.Version,
        _reporter.Mode,
        _reporter.Since.ToUnixTimeMilliseconds(),
        _time.GetUtcNow().ToUnixTimeMilliseconds(),
        _engine.ActiveFlows,
        _engine.TotalFlows,
        _engine.MaxFlows,
        _interceptor.Negotiators.Sum(negotiator => (long)negotiator.ContextCount),
        _options.Negotiation.MaxContexts,
        _options.ProxyEngine.AnnouncedAddresses,
        _rules.Missing,
        samples);
}
