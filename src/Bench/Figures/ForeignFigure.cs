using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Figures;

/// <summary>What the box costs traffic that is none of its business: plain TCP through it, against plain forwarding.</summary>
internal sealed class ForeignFigure : IFigure
{
    private static readonly WayName[] Ways = [WayName.BoxPlainClient, WayName.PlainTcp];
    private static readonly Metric Median = new("foreign.pingpong.p50", "ping-pong of 1 byte, TCP client, p50", "µs", MoreIsBetter: false);
    private static readonly Metric Tail = new("foreign.pingpong.p99", "ping-pong of 1 byte, TCP client, p99", "µs", MoreIsBetter: false);

    public string Name => "foreign";

    public string Description => "TCP that is not MPTCP through the box, against plain forwarding";

    public IEnumerable<BenchCase> Cases(BenchOptions options)
    {
        var duration = TimeSpan.FromSeconds(options.Seconds);
        return
        [
            new("ping-pong, TCP client", Ways, WayName.PlainTcp, (network, way, cancellation) =>
                PingPongFigure.RunAsync(network, way, Median, Tail, duration, cancellation)),
            ConnectionCase.Of("foreign.rate", ", TCP client", Ways, WayName.PlainTcp, RateFigure.AtATime, 0, duration),
        ];
    }
}
