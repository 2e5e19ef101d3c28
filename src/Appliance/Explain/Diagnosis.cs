using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Explain;

/// <summary>Recognizes known causes in what was seen. Pure: evidence in, findings out.</summary>
internal static class Diagnosis
{
    // A shorter one may well have ended before its client would have joined.
    private static readonly TimeSpan LongEnoughToJoin = TimeSpan.FromSeconds(2);

    public static IEnumerable<Finding> Of(Evidence evidence)
    {
        if (evidence.Decisions.Count == 0 && evidence.Flows.Count == 0 && evidence.Ended.Count == 0)
            yield return new Finding(Cause.NothingSeen, null, "no decision is remembered, and no connection relayed");
        if (evidence.Forecast is { } forecast && CauseOf(forecast) is { } keptOut)
            yield return new Finding(keptOut, null, $"of the next one: {forecast.Describe()}");

        foreach (var finding in evidence.Decisions.Where(decision => decision.Token == 0).GroupBy(decision => decision.Flow).SelectMany(OfDecisions))
            yield return finding;
        foreach (var finding in evidence.Flows.Where(flow => IsOfClient(flow.Flow.Reason)).SelectMany(flow => OfFlow(flow, evidence)))
            yield return finding;
        foreach (var finding in evidence.Ended.Where(flow => IsOfClient(flow.Reason)).SelectMany(flow => OfEnded(flow, evidence)))
            yield return finding;
    }

    /// <summary>Whether it is the client that speaks MPTCP: the causes below are of its side.</summary>
    private static bool IsOfClient(Reason reason) => reason is not (Reason.ServerKnownCapable or Reason.HostProxied);

    /// <summary>Whether joins are decided on by the box; those to a converter's listener are the kernel's alone.</summary>
    private static bool SeesJoins(Reason reason) => reason != Reason.ConvertRequested;

    /// <summary>What became of a connection that the box has not served.</summary>
    private static IEnumerable<Finding> OfDecisions(IGrouping<FlowKey, DecisionRecord> decisions)
    {
        var last = decisions.Last();
        if (CauseOf(last.Reason) is { } cause)
            yield return new Finding(cause, decisions.Key.ToString(), last.Reason.Describe());
    }

    private static IEnumerable<Finding> OfFlow(FlowExamination flow, Evidence evidence)
    {
        var connection = flow.Flow.Key.ToString();
        if (!flow.Path.IsMptcp)
        {
            yield return new Finding(Cause.ClientFellBack, connection, flow.Flow.IsMptcp ? "after the handshake" : "in the handshake");
            yield break;
        }

        if (flow.Path.ClientCongestionControl == "bbr")
            yield return new Finding(Cause.BbrTowardsClient, connection, "TCP_CONGESTION says bbr");
        if (SeesJoins(flow.Flow.Reason) && MissingSubflow(flow, evidence) is var (cause, detail))
            yield return new Finding(cause, connection, detail);
        foreach (var (slow, what) in SlowPaths.Of(flow))
            yield return new Finding(slow, connection, what);
    }

    private static (Cause Cause, string Detail)? MissingSubflow(FlowExamination flow, Evidence evidence)
    {
        var path = flow.Path;
        var own = Joins(flow.Token, Reason.OwnJoin, evidence).Count;
        if (own > path.FurtherSubflows && path.FurtherSubflows >= path.MaxFurtherSubflows)
            return (Cause.SubflowLimit, $"{own} joins, {path.FurtherSubflows} further subflows, {path.MaxFurtherSubflows} allowed");
        if (path.FurtherSubflows > 0)
            return null;
        if (own > 0)
            return (Cause.JoinRefused, $"{own} joins seen, none completed");
        if (Joins(flow.Token, Reason.ForeignJoin, evidence) is [.., var stray])
            return (Cause.JoinMissesListener, $"a join from {stray.Flow.Client} went to {stray.Flow.Server}");
        if (evidence.StrayEndpoints is [var endpoint, ..])
            return (Cause.JoinMissesListener, $"the kernel announces {endpoint}");
        return evidence.Announces
            ? (Cause.AnnouncementIgnored, $"{path.AnnouncedAddresses} addresses were announced, no further subflow has come")
            : (Cause.NoJoinSeen, "one subflow, and no MP_JOIN with its token");
    }

    private static IEnumerable<Finding> OfEnded(EndedFlow flow, Evidence evidence)
    {
        if (!flow.WasMptcp)
            yield return new Finding(Cause.ClientFellBack, flow.Key.ToString(), "in the handshake");
        else if (!SeesJoins(flow.Reason))
            yield break;
        else if (Joins(flow.Token, Reason.ForeignJoin, evidence) is [.., var stray])
            yield return new Finding(Cause.JoinMissesListener, flow.Key.ToString(), $"a join from {stray.Flow.Client} went to {stray.Flow.Server}");
        else if (!evidence.Announces && flow.Duration >= LongEnoughToJoin && Joins(flow.Token, Reason.OwnJoin, evidence).Count == 0)
            yield return new Finding(Cause.NoJoinSeen, flow.Key.ToString(), "it has ended, and no MP_JOIN with its token is remembered");
    }

    private static List<DecisionRecord> Joins(uint? token, Reason reason, Evidence evidence) =>
        [.. evidence.Decisions.Where(decision => decision.Token != 0 && decision.Token == token && decision.Reason == reason)];

    /// <summary>Why a connection has no MPTCP by this box, if a decision for this reason was the last one.</summary>
    private static Cause? CauseOf(Reason reason) => reason switch
    {
        Reason.PolicyBypass or Reason.PolicyDefer or Reason.NotInShare => Cause.PolicyKeepsOut,
        Reason.PortReserved => Cause.PortIsReserved,
        Reason.ServerDropsMptcp or Reason.MpCapableDropped => Cause.ServerDropsMpCapable,
        Reason.ServerCapable or Reason.OtherProxyActed => Cause.ServedElsewhere,
        Reason.ProxyUnanswered or Reason.ProxySilent => Cause.ProxyDoesNotAnswer,
        Reason.ProxyRefused => Cause.ProxyRefuses,
        Reason.ClientNotAllowed or Reason.ServerNotAllowed or Reason.InvalidDestination or Reason.OwnAddress or Reason.Hairpin or Reason.OtherFamily =>
            Cause.NamingNotAllowed,
        Reason.TagMissing or Reason.TagWrong or Reason.TagKeyUnknown => Cause.TagRefused,
        Reason.PromotionLimit or Reason.PromotionSourceLimit or Reason.RouteInUse => Cause.NotLookedAt,
        Reason.AnnouncementUnconfirmed => Cause.AnnouncementIgnored,
        Reason.ClientVanished => Cause.ClientNeverCompletes,
        Reason.FlowLimit or Reason.HalfOpenLimit or Reason.RateLimit or Reason.TableFull or Reason.SourceLimit or Reason.ListenerUnavailable or Reason.InjectionFailed
            or Reason.AdoptionFailed or Reason.NotTranslated or Reason.NoRoomForServer => Cause.BoxCouldNotAct,
        _ => null,
    };
}
