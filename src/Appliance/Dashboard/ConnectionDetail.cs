using System.Globalization;
using System.Text.Json;
using Middlebox.Appliance.Reports;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Paths;

namespace Middlebox.Appliance.Dashboard;

/// <summary>Gathers what is known of one connection.</summary>
internal sealed class ConnectionDetail(
    DashboardHistory history, Func<IReadOnlyList<EndedFlow>> ended, IReadOnlyList<DecisionHistory> decisions, TimeProvider time)
{
    private const int MostEvents = 100;

    /// <param name="connection">Client and server, as both of them see the connection.</param>
    public ConnectionDetailReport Read(FlowKey connection)
    {
        var flow = history.Flows.GetValueOrDefault(connection);
        var past = ended().Where(old => old.Key == connection).ToList();
        return new ConnectionDetailReport(
            connection.Client.ToString(),
            connection.Server.ToString(),
            flow is not null,
            (flow?.Reading.Token ?? past.LastOrDefault()?.Token)?.ToString("x8", CultureInfo.InvariantCulture),
            [.. (flow?.Subflows ?? []).Select(subflow => SubflowRow.Of(
                subflow, flow!.Reading.Token is null ? null : SubflowDiagnosis.IsBackup(subflow.Reading.Subflow)))],
            flow?.Reading.Server is { } leg
                ? SubflowRow.Of(
                    new SubflowSample(
                        new SubflowReading(new Subflow(connection.Client, connection.Server), leg), new PathRate(flow.Rate.Down, flow.Rate.Up)),
                    backup: null)
                : null,
            [.. Events(connection, flow, past).OrderBy(happened => happened.Time).TakeLast(MostEvents)]);
    }

    private IEnumerable<TimelineEvent> Events(FlowKey connection, FlowSample? flow, IReadOnlyList<EndedFlow> past)
    {
        // Joins come from other addresses of the client than the connection; its token tells whose they are.
        var tokens = past.Select(old => old.Token).Append(flow?.Reading.Token).OfType<uint>().ToHashSet();
        foreach (var decision in decisions.SelectMany(history => history.Find(
            decision => decision.Token == 0 ? decision.Flow == connection : tokens.Contains(decision.Token))))
            yield return Event(in decision);
        foreach (var old in past)
        {
            yield return Begun(old.Since, old.WasMptcp);
            yield return new TimelineEvent(
                Milliseconds(old.Since + old.Duration), "end", null, JsonNamingPolicy.CamelCase.ConvertName($"{old.End}"),
                string.Create(CultureInfo.InvariantCulture, $"after {old.Duration.TotalSeconds:0.0##} s, {old.BytesUp} bytes up, {old.BytesDown} down"));
        }

        if (flow is not null)
            yield return Begun(flow.Reading.Since, flow.Reading.Token is not null);
    }

    private static TimelineEvent Begun(DateTimeOffset since, bool isMptcp) => new(
        Milliseconds(since),
        "client's ACK",
        "relay",
        null,
        isMptcp ? "the relay begins: MPTCP to the client, TCP to the server" : "the relay begins, by TCP on both sides: the client came without MPTCP in the end");

    private TimelineEvent Event(in DecisionRecord decision)
    {
        var told = DecisionReport.Of(in decision, time.GetUtcNow() - time.GetElapsedTime(decision.Time));
        return new TimelineEvent(
            Milliseconds(told.Time),
            told.Segment is null ? "no segment" : told.Token is null ? told.Segment : $"{told.Segment} MP_JOIN from {told.Client}",
            told.Verdict is { } verdict ? $"{verdict}".ToLowerInvariant() + (told.Edits is { } edits ? $" ({edits})" : "") : null,
            JsonNamingPolicy.CamelCase.ConvertName($"{told.Reason}"),
            told.Reason.Describe());
    }

    private static double Milliseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalMilliseconds;
}
