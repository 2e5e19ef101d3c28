using Middlebox.Bench.Load;
using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Figures;

/// <summary>Bulk data by iperf3, up and down, and what it costs the proxy.</summary>
internal sealed class BulkFigure : IFigure
{
    private const double GigabitBits = 1e9;
    private const double GigabyteBytes = 1e9;

    private static readonly int[] Flows = [1, 4, 64];
    private static readonly int[] QuickFlows = [1, 4];
    private static readonly bool[] Directions = [false, true];

    public string Name => "bulk";

    public string Description => "data of 1, 4 and 64 flows, up and down, and processor time per GB";

    public IEnumerable<BenchCase> Cases(BenchOptions options) =>
        from flows in options.Quick ? QuickFlows : Flows
        from down in Directions
        select Case(flows, down, options.Seconds);

    private static BenchCase Case(int flows, bool down, int seconds)
    {
        var direction = down ? "down" : "up";
        var title = $"{flows} {(flows == 1 ? "flow" : "flows")} {direction}";
        var rate = new Metric($"bulk.{direction}.{flows}", $"bulk, {title}", "Gbit/s", MoreIsBetter: true);
        var cost = new Metric($"bulk.{direction}.{flows}.cpu", $"processor time per GB, {title}", "s/GB", MoreIsBetter: false);
        return new BenchCase($"bulk, {title}", BenchCase.AllFour, WayName.Haproxy, async (network, way, cancellation) =>
        {
            var server = network.IperfServerOf(way);
            var before = await server.WhenIdleAsync(cancellation);
            var result = await IperfClient.RunAsync(
                network[way.Client], way.MptcpClient, network.ServerAddress(way), flows, down, seconds, cancellation);
            var seen = await server.SinceAsync(before, flows, cancellation);
            return new CaseOutcome(
                new LoadEvidence(result.Clients, seen),
                [new Sample(rate, result.BitsPerSecond / GigabitBits)],
                new CostBase(cost, result.Bytes / GigabyteBytes));
        });
    }
}
