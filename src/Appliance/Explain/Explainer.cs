using System.Globalization;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Converter;

namespace Middlebox.Appliance.Explain;

/// <summary>
/// Answers <c>explain</c>: gathers what is remembered and relayed of the connections that are asked about, and what the policy would
/// say of the next. Runs on the thread pool, reads only what others write, and stops nobody.
/// </summary>
internal sealed class Explainer(
    MiddleboxOptions options, Negotiator negotiator, IReadOnlyList<DecisionHistory> histories, RelayEngine engine, TimeProvider time)
{
    private const int MostDecisions = 50;
    private const int MostFlows = 50;

    /// <summary>The configuration in force.</summary>
    public MiddleboxOptions Options { get; set; } = options;

    /// <param name="request">Client and server: see <see cref="ExplainQuery"/>.</param>
    public ExplainReport Explain(string request)
    {
        if (!ExplainQuery.TryParse(request, out var query, out var problem))
            return new ExplainReport { Error = problem };

        var forecasts = query.Connection is { } connection ? Forecast(in connection) : Forecasts.None;
        var evidence = Gather(query, forecasts);
        return new ExplainReport
        {
            Next = forecasts.Forwarded,
            NextNamed = forecasts.Named,
            NextOfHost = forecasts.OfHost,
            Decisions =
            [
                .. evidence.Decisions.TakeLast(MostDecisions)
                    .Select(decision => DecisionReport.Of(in decision, time.GetUtcNow() - time.GetElapsedTime(decision.Time))),
            ],
            Flows = [.. evidence.Flows.TakeLast(MostFlows).Select(Report)],
            Ended = [.. evidence.Ended.TakeLast(MostFlows).Select(Report)],
            KernelCounters =
            [
                .. KernelMptcpCounters.Read()
                    .Where(counter => counter.Value != 0 && KernelMptcpCounters.Telling.Contains(counter.Key))
                    .Select(counter => new KernelCounterReport(counter.Key, counter.Value)),
            ],
            Findings = [.. Diagnosis.Of(evidence).GroupBy(finding => finding.Cause).Select(Report)],
        };
    }

    private Forecasts Forecast(in FlowKey connection)
    {
        using var own = new OwnAddresses();
        return Forecasts.Of(Options, negotiator.State, in connection, own.Contains);
    }

    private Evidence Gather(ExplainQuery query, Forecasts forecasts)
    {
        var flows = engine.Examine(query.Matches).OrderBy(flow => flow.Flow.Since).ToList();
        var ended = engine.LatestEnded().Where(flow => query.Matches(flow.Key)).ToList();
        // Joins come from other addresses of the client than the connection; its token tells whose they are.
        var tokens = flows.Select(flow => flow.Token).Concat(ended.Select(flow => flow.Token)).OfType<uint>().ToHashSet();
        var decisions = histories
            .SelectMany(history => history.Find(decision => decision.Token == 0 ? query.Matches(decision.Flow) : tokens.Contains(decision.Token)))
            .OrderBy(decision => decision.Time)
            .ToList();
        return new Evidence
        {
            Flows = flows,
            Ended = ended,
            Decisions = decisions,
            Forecast = forecasts.InTheWayOf(decisions.LastOrDefault(decision => decision.Token == 0)),
            Announces = Options.ProxyEngine.AnnouncedAddresses.Count > 0,
            StrayEndpoints = SignalEndpoints.WithoutListener(),
        };
    }

    private static ExaminedFlowReport Report(FlowExamination flow) => new(
        BoxReporter.Report(flow.Flow), flow.Token?.ToString("x8", CultureInfo.InvariantCulture), flow.Path);

    private static EndedFlowReport Report(EndedFlow flow) => new(
        flow.Key.Client.ToString(), flow.Key.Server.ToString(), flow.WasMptcp, flow.Since,
        Math.Round(flow.Duration.TotalSeconds, 3), flow.End, flow.BytesUp, flow.BytesDown);

    private static FindingReport Report(IGrouping<Cause, Finding> findings)
    {
        var last = findings.Last();
        return new FindingReport(
            findings.Key, findings.Count(finding => finding.Connection is not null), last.Connection, last.Detail, findings.Key.Advise());
    }
}
