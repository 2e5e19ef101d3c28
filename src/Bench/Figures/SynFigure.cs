using Middlebox.Bench.Load;
using Middlebox.Bench.Proof;
using Middlebox.Bench.Ways;
using Middlebox.Lab;

namespace Middlebox.Bench.Figures;

/// <summary>
/// SYNs with MP_CAPABLE from ever new sources, in number: to a capable server that answers them all, and to one that is silent, where each
/// leaves something to remember behind. No connection comes of them, so the runs are proved by what the box says that it decided.
/// </summary>
internal sealed class SynFigure : IFigure
{
    private const int FloodPerSecond = 100_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly WayName[] Ways = [WayName.BoxCapableServer, WayName.EndToEndMptcp];

    public string Name => "syn";

    public string Description => "SYNs per second that pass: as many as can be sent to a capable server, and 100,000 to a silent one";

    public IEnumerable<BenchCase> Cases(BenchOptions options)
    {
        var duration = TimeSpan.FromSeconds(options.Seconds);
        return
        [
            Case("syn.answered", "SYNs per second answered by a capable server", BenchNetwork.EchoPort, perSecond: null, duration,
                network => network.PacketsReceived),
            Case("syn.flood", $"SYNs per second passed of {FloodPerSecond:N0} to a silent server", BenchNetwork.SilentPort, FloodPerSecond,
                duration, network => network.PacketsArrived),
        ];
    }

    /// <summary>Waits for what is still queued somewhere; what has not come by then is lost.</summary>
    private static async Task<long> DrainAsync(Func<long> arrived, long sent, CancellationToken cancellation)
    {
        try
        {
            await Condition.WaitAsync(() => arrived() >= sent, Patience, "all SYNs have come through", cancellation);
        }
        catch (TimeoutException)
        {
            // That is what the figure tells.
        }

        return arrived();
    }

    private static BenchCase Case(
        string name, string title, int port, int? perSecond, TimeSpan duration, Func<BenchNetwork, Func<Way, long>> counter)
    {
        var passed = new Metric(name, title, "1/s", MoreIsBetter: true);
        var sent = new Metric($"{name}.sent", $"{title}: sent", "1/s", MoreIsBetter: true);
        var decided = new Metric($"{name}.decided", $"{title}: decided by the box", "1/s", MoreIsBetter: true);
        var cost = new Metric($"{name}.cpu", $"{title}: processor time per 1,000,000 sent", "s", MoreIsBetter: false);
        return new BenchCase(title, Ways, WayName.EndToEndMptcp, async (network, way, cancellation) =>
        {
            var count = counter(network);
            var packets = count(way);
            var flood = network[way.Client].InNamespace(() =>
                SynFlood.Run(network.NewSources(way), network.ServerAddress(way), port, duration, perSecond));
            var arrived = await DrainAsync(() => count(way) - packets, flood.Sent, cancellation);
            var seconds = flood.Elapsed.TotalSeconds;
            List<Sample> samples =
            [
                new Sample(passed, arrived / seconds),
                new Sample(sent, flood.Sent / seconds),
            ];
            List<string> faults = [];
            if (way.CrossesBox)
            {
                var box = await BoxLoad.ReadAsync(network.Box, cancellation);
                samples.Add(new Sample(decided, box.SynsDecided / seconds));
                if (box.SynsDecided == 0)
                    faults.Add("the box has decided nothing");
                if (box.Failures > 0)
                    faults.Add($"the box failed on {box.Failures} packets");
            }

            return new CaseOutcome(null, samples, new CostBase(cost, flood.Sent / 1e6)) { Faults = faults };
        })
        {
            FreshProxy = true,
        };
    }
}
