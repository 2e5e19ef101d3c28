using Middlebox.Bench.Ways;
using Middlebox.Native;

namespace Middlebox.Bench.Figures;

/// <summary>Short connections, 16 at once, alone and while many others are open and silent; and what they cost the proxy.</summary>
internal sealed class RateFigure : IFigure
{
    private const int AtATime = 16;
    private const double CostUnit = 10_000;

    private static readonly int[] Held = [0, 100, 1000, 5000];
    private static readonly int[] QuickHeld = [0, 1000];

    public string Name => "rate";

    public string Description => "connections per second (connect, 1 byte each way, close), with 0 to 5,000 others open, and processor time per 10,000";

    public IEnumerable<BenchCase> Cases(BenchOptions options) =>
        (options.Quick ? QuickHeld : Held).Select(held => Case(held, TimeSpan.FromSeconds(options.Seconds)));

    private static BenchCase Case(int held, TimeSpan duration)
    {
        var beside = held == 0 ? "" : $", {held:N0} others open";
        var rate = new Metric($"rate.{held}", $"connections per second{beside}", "1/s", MoreIsBetter: true);
        var median = new Metric($"rate.{held}.p50", $"connect to byte back, p50{beside}", "µs", MoreIsBetter: false);
        var tail = new Metric($"rate.{held}.p99", $"connect to byte back, p99{beside}", "µs", MoreIsBetter: false);
        var cost = new Metric($"rate.{held}.cpu", $"processor time per 10,000 connections{beside}", "s", MoreIsBetter: false);
        return new BenchCase($"connections per second{beside}", BenchCase.AllFour, WayName.Haproxy, async (network, way, cancellation) =>
        {
            List<FileDescriptor> open = [];
            try
            {
                var holding = await Exchanges.HoldAsync(network, way, held, open, cancellation);
                var (result, evidence, latencies) = await Exchanges.RunAsync(network, way, AtATime, duration, cancellation);
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
