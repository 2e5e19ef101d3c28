using Middlebox.Bench.Ways;
using Middlebox.Native;

namespace Middlebox.Bench.Figures;

/// <summary>A case that makes short connections, so many at once, perhaps while others are open and silent.</summary>
internal static class ConnectionCase
{
    private const double CostUnit = 10_000;

    /// <param name="name">Metrics' common name.</param>
    /// <param name="title">What the metrics' titles end with; empty for nothing.</param>
    /// <param name="ways">The ways.</param>
    /// <param name="reference">The way that ratios refer to.</param>
    /// <param name="atATime">Connections in flight.</param>
    /// <param name="held">Connections that stay open beside them.</param>
    /// <param name="duration">How long.</param>
    public static BenchCase Of(
        string name, string title, IReadOnlyList<WayName> ways, WayName reference, int atATime, int held, TimeSpan duration)
    {
        var rate = new Metric(name, $"connections per second{title}", "1/s", MoreIsBetter: true);
        var median = new Metric($"{name}.p50", $"connect to byte back, p50{title}", "µs", MoreIsBetter: false);
        var tail = new Metric($"{name}.p99", $"connect to byte back, p99{title}", "µs", MoreIsBetter: false);
        var cost = new Metric($"{name}.cpu", $"processor time per 10,000 connections{title}", "s", MoreIsBetter: false);
        return new BenchCase($"connections per second{title}", ways, reference, async (network, way, cancellation) =>
        {
            List<FileDescriptor> open = [];
            try
            {
                var holding = await Exchanges.HoldAsync(network, way, held, open, cancellation);
                var (result, evidence, latencies) = await Exchanges.RunAsync(network, way, atATime, duration, cancellation);
                // Without a single connection there is nothing to time, and the run is proved to be none.
                if (result.Client.Count == 0)
                    return new CaseOutcome(holding.And(evidence), []);
                return new CaseOutcome(
                    holding.And(evidence),
                    [
                        new Sample(rate, result.Client.Count / result.Elapsed.TotalSeconds),
                        new Sample(median, latencies.Microseconds(50)),
                        new Sample(tail, latencies.Microseconds(99)),
                    ],
                    new CostBase(cost, (result.Client.Count + held) / CostUnit));
            }
            finally
            {
                open.ForEach(connection => connection.Dispose());
            }
        });
    }
}
