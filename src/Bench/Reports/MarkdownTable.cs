using System.Text;

namespace Middlebox.Bench.Reports;

/// <summary>The report as a table for a document.</summary>
public static class MarkdownTable
{
    /// <summary>The table, with the conditions above it.</summary>
    public static string Write(BenchReport report)
    {
        var ways = report.WaysUsed;
        var text = new StringBuilder()
            .Append(MetricText.Conditions(report)).Append('\n')
            .Append($"{report.Options.Rounds} rounds of {report.Options.Seconds} s on {report.Environment.Time:yyyy-MM-dd}; ")
            .Append(report.Valid ? "all" : $"{report.Runs.Count(run => run.Valid)}")
            .Append($" of {report.Runs.Count} runs proved, {report.Runs.Sum(run => run.Flows):N0} connections.\n\n")
            .Append($"| | {string.Join(" | ", ways.Select(way => way.Title))} |\n")
            .Append($"| --- |{string.Concat(ways.Select(_ => " --- |"))}\n");
        foreach (var row in report.Metrics)
            text.Append($"| {row.Metric.Title}, {row.Metric.Unit} | {string.Join(" | ", ways.Select(way => MetricText.Cell(row, way)))} |\n");
        return text.ToString();
    }
}
