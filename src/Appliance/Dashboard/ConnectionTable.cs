using System.Text.Json;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Dashboard;

/// <summary>Gathers the rows of the page's table: the connections relayed, and the latest that ended or were let alone.</summary>
internal sealed class ConnectionTable(
    DashboardHistory history, Func<IReadOnlyList<EndedFlow>> ended, IReadOnlyList<DecisionHistory> decisions, TimeProvider time)
{
    /// <summary>Most relayed connections in the table; the fastest, if there are more.</summary>
    public const int MostRelayed = 10_000;

    /// <summary>Most that ended, and most that were let alone.</summary>
    public const int MostPast = 500;

    // How a connection is decided on for good without the box; a join, or a claim alone, is no such decision.
    private static readonly HashSet<Reason> LettingAlone =
    [
        Reason.NotMptcp, Reason.MalformedOptions, Reason.SynWithData, Reason.FastOpen, Reason.TcpMd5, Reason.TcpAuthentication,
        Reason.IpAuthentication, Reason.MptcpVersion0, Reason.MptcpVersionUnknown, Reason.MptcpFlagsUnsupported, Reason.PolicyBypass,
        Reason.PolicyDefer, Reason.NotInShare, Reason.RateLimit, Reason.ClaimedByOther, Reason.TableFull, Reason.SourceLimit,
        Reason.ServerDropsMptcp,
        Reason.ServerCapable, Reason.OtherProxyActed, Reason.ServerRefused, Reason.ClientGaveUpMptcp, Reason.Unanswered, Reason.Displaced,
        Reason.EarlierSynAnswered, Reason.MpCapableDropped, Reason.ClientVanished, Reason.ListenerUnavailable, Reason.PortReserved,
        Reason.FlowLimit, Reason.HalfOpenLimit, Reason.InjectionFailed, Reason.AdoptionFailed,
    ];

    /// <summary>All rows, the relayed ones first.</summary>
    public ConnectionTableReport Read()
    {
        var flows = history.Flows;
        return new ConnectionTableReport(
            time.GetUtcNow().ToUnixTimeMilliseconds(),
            flows.Count,
            [.. Relayed(flows.Values), .. ended().TakeLast(MostPast).Select(Row), .. Passed(flows)]);
    }

    private static IEnumerable<ConnectionRow> Relayed(IEnumerable<FlowSample> flows) => flows
        .OrderByDescending(flow => flow.Rate.Sum)
        .Take(MostRelayed)
        .Select(flow => new ConnectionRow(
            flow.Reading.Key.Client.ToString(),
            flow.Reading.Key.Server.ToString(),
            ConnectionState.Relayed,
            Name(flow.Reading.IsClaimed ? Reason.Claimed : flow.Reading.Reason),
            flow.Subflows.Count,
            flow.Reading.Token is not null,
            flow.Rate.Up,
            flow.Rate.Down,
            flow.Reading.BytesUp,
            flow.Reading.BytesDown,
            flow.Reading.Since.ToUnixTimeMilliseconds(),
            Seconds: null));

    private static ConnectionRow Row(EndedFlow flow) => new(
        flow.Key.Client.ToString(),
        flow.Key.Server.ToString(),
        ConnectionState.Ended,
        Name(flow.End),
        Paths: 0,
        flow.WasMptcp,
        Up: 0,
        Down: 0,
        flow.BytesUp,
        flow.BytesDown,
        flow.Since.ToUnixTimeMilliseconds(),
        Math.Round(flow.Duration.TotalSeconds, 3));

    private IEnumerable<ConnectionRow> Passed(IReadOnlyDictionary<FlowKey, FlowSample> relayed) => decisions
        .SelectMany(history => history.Find(decision => LettingAlone.Contains(decision.Reason) && !relayed.ContainsKey(decision.Flow)))
        .GroupBy(decision => decision.Flow)
        .Select(found => found.Last())
        .OrderBy(decision => decision.Time)
        .TakeLast(MostPast)
        .Select(decision => new ConnectionRow(
            decision.Flow.Client.ToString(),
            decision.Flow.Server.ToString(),
            ConnectionState.Passed,
            Name(decision.Reason),
            Paths: 0,
            Mptcp: false,
            Up: 0,
            Down: 0,
            BytesUp: 0,
            BytesDown: 0,
            (time.GetUtcNow() - time.GetElapsedTime(decision.Time)).ToUnixTimeMilliseconds(),
            Seconds: null));

    /// <summary>Names as in the JSON of <c>status</c>.</summary>
    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
