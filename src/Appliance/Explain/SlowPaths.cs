using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Paths;

namespace Middlebox.Appliance.Explain;

/// <summary>Recognizes in the kernel's figures of one connection why it is not faster than one path. Pure; a single look, so an idle connection shows little.</summary>
internal static class SlowPaths
{
    // So much waits for a moment also where nothing is wrong.
    private const long ManyBytes = 64 * 1024;

    // A sender that probes for room loses as much for a moment, but its window stays larger than the initial one (RFC 6928).
    private const long EnoughSegmentsToJudge = 300;
    private const double MuchLoss = 0.05;
    private const long InitialWindow = 10;

    private const long EnoughBytesToJudge = 4 * 1024 * 1024;
    private const double NextToNothing = 0.01;

    private const double FullWindow = 0.9;

    private const int MuchLonger = 5;
    private const long LongMicroseconds = 100_000;

    public static IEnumerable<(Cause Cause, string Detail)> Of(FlowExamination flow)
    {
        var subflows = flow.Subflows;
        foreach (var backup in subflows.Where(subflow => subflow.IsBackup && subflows.Any(other => !other.IsBackup)))
            yield return (Cause.BackupSubflow, NameOf(backup));
        var carried = subflows.Sum(Carried);
        foreach (var unused in subflows.Where(subflow => !subflow.IsBackup && carried >= EnoughBytesToJudge && Carried(subflow) < carried * NextToNothing))
            yield return (Cause.UnusedSubflow, $"{NameOf(unused)} has carried {Carried(unused)} of {carried} bytes");
        foreach (var lossy in subflows.Where(subflow => IsSlowedByLoss(subflow.Leg)))
        {
            yield return (
                Cause.LossyPath,
                $"{NameOf(lossy)}: {lossy.Leg.SegmentsRepeated} of {lossy.Leg.SegmentsSent} segments were repetitions, {lossy.Leg.CongestionWindow} may be on their way");
        }

        if (Unequal(subflows) is { } unequal)
            yield return (Cause.UnequalPaths, unequal);
        if (flow.BytesForServer >= ManyBytes)
            yield return (Cause.ServerTakesLess, $"{flow.BytesForServer} bytes wait in the box for the server");
        if (flow.BytesForClient >= ManyBytes && subflows.Count > 0 && IsWindowFull(subflows))
            yield return (Cause.ClientTakesLess, $"{flow.BytesForClient} bytes wait in the box for the client, which has room for {WindowOf(subflows)}");
    }

    private static string? Unequal(IReadOnlyList<ExaminedSubflow> subflows)
    {
        var used = subflows.Where(subflow => !subflow.IsBackup && subflow.Leg.RoundTripMicroseconds > 0).OrderBy(subflow => subflow.Leg.RoundTripMicroseconds).ToList();
        return used.Count > 1
            && used[^1].Leg.RoundTripMicroseconds is >= LongMicroseconds and var slow
            && used[0].Leg.RoundTripMicroseconds is var fast
            && slow >= MuchLonger * fast
            ? $"{NameOf(used[^1])} takes {slow / 1000} ms, {NameOf(used[0])} {fast / 1000} ms"
            : null;
    }

    /// <summary>Whether it is the client's window that the sender waits for (RFC 8684 section 3.3.4: one for all subflows), not the network.</summary>
    private static bool IsWindowFull(IReadOnlyList<ExaminedSubflow> subflows) =>
        subflows.Sum(subflow => subflow.Leg.BytesInFlight) >= WindowOf(subflows) * FullWindow;

    private static long WindowOf(IReadOnlyList<ExaminedSubflow> subflows) => subflows.Max(subflow => subflow.Leg.PeerWindow);

    private static long Carried(ExaminedSubflow subflow) => subflow.Leg.BytesReceived + subflow.Leg.BytesAcknowledged;

    private static bool IsSlowedByLoss(LegReading leg) =>
        leg.SegmentsSent >= EnoughSegmentsToJudge && leg.SegmentsRepeated >= leg.SegmentsSent * MuchLoss && leg.CongestionWindow <= InitialWindow;

    private static string NameOf(ExaminedSubflow subflow) => $"the subflow from {subflow.Subflow.Remote}";
}
