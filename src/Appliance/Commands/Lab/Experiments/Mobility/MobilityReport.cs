using System.Globalization;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>The results of the moving client: a line for each trace and mode, with medians, and the smallest and largest of several runs.</summary>
internal sealed class MobilityReport(IReadOnlyList<MobilityResult> results) : IExperimentReport
{
    public bool Holds => results.All(result => result.Holds);

    public object Json => results;

    public async Task WriteAsync(TextWriter output)
    {
        foreach (var trace in results.GroupBy(result => result.Trace))
        {
            await output.WriteLineAsync();
            await output.WriteLineAsync($"{trace.Key}, {trace.Max(result => result.Run)} run(s): medians, and the range if there are several");
            await output.WriteLineAsync(
                "  mode            rate Mbit/s      longest stall s  picture still s  ping p99 ms        page s        failed  cellular on s  joules         broke");
            foreach (var mode in trace.GroupBy(result => result.Mode))
                await output.WriteLineAsync(Line(mode.Key, [.. mode]));
        }
    }

    private static string Line(MobilityMode mode, IReadOnlyList<MobilityResult> runs) => string.Concat(
        $"  {MobilityModeText.Of(mode),-15} ",
        Range(runs.Select(run => run.MeanMbits), "0.0", 17),
        Range(runs.Select(run => run.LongestStallSeconds), "0.0", 17),
        Range(runs.Select(run => run.StreamStallSeconds), "0.0", 17),
        Range(runs.Select(run => run.PingP99Milliseconds), "0", 19),
        Range(runs.Select(run => run.PageMedianSeconds ?? double.NaN), "0.00", 14),
        Range(runs.Select(run => (double)run.PagesFailed), "0", 8),
        Range(runs.Select(run => run.CellularOnSeconds), "0.0", 15),
        Range(runs.Select(run => run.Joules), "0.0", 15),
        runs.Any(run => run.HasWrongBytes) ? "WRONG BYTES"
            : runs.Any(run => !run.WasProxied) ? "NOT AS MEANT BY THE BOX"
            : $"{runs.Count(run => run.Failure is not null)} of {runs.Count}");

    private static string Range(IEnumerable<double> values, string format, int width)
    {
        var sorted = values.Where(value => !double.IsNaN(value)).Order().ToList();
        if (sorted.Count == 0)
            return "-".PadRight(width);
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        var median = Text(sorted[sorted.Count / 2]);
        return (sorted.Count == 1 ? median : $"{median} ({Text(sorted[0])}-{Text(sorted[^1])})").PadRight(width - 1) + ' ';
    }
}
