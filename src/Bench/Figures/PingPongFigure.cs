using Middlebox.Bench.Load;
using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Figures;

/// <summary>A byte there and back on one connection.</summary>
internal sealed class PingPongFigure : IFigure
{
    private static readonly Metric Median = new("pingpong.p50", "ping-pong of 1 byte, p50", "µs", MoreIsBetter: false);
    private static readonly Metric Tail = new("pingpong.p99", "ping-pong of 1 byte, p99", "µs", MoreIsBetter: false);

    public string Name => "pingpong";

    public string Description => "time of one byte there and back on an open connection";

    public IEnumerable<BenchCase> Cases(BenchOptions options) =>
        [new("ping-pong", BenchCase.AllFour, WayName.Haproxy, (network, way, cancellation) =>
            RunAsync(network, way, Median, Tail, TimeSpan.FromSeconds(options.Seconds), cancellation))];

    /// <summary>Runs a ping-pong on a way.</summary>
    internal static async Task<CaseOutcome> RunAsync(
        BenchNetwork network, Way way, Metric median, Metric tail, TimeSpan duration, CancellationToken cancellation)
    {
        var latencies = new Latencies();
        var echo = network.EchoServer(way);
        var before = echo.Tally;
        var client = network[way.Client].InNamespace(() => PingPong.Run(
            way.MptcpClient, network.Sources(way), Exchanges.AddressOf(network.ServerAddress(way)), duration, latencies));
        var seen = await echo.SinceAsync(before, client.Count, cancellation);
        return new CaseOutcome(
            new LoadEvidence(client, seen),
            [new Sample(median, latencies.Microseconds(50)), new Sample(tail, latencies.Microseconds(99))]);
    }
}
