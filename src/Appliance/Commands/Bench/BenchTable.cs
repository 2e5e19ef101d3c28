using Middlebox.Bench.Reports;
using Middlebox.Bench.Ways;
using Spectre.Console;

namespace Middlebox.Appliance.Commands.Bench;

/// <summary>The report for people: medians, ratios to the reference, and the spread in brackets.</summary>
internal static class BenchTable
{
    private const int RedirectedWidth = 200;

    public static void Write(TextWriter output, BenchReport report)
    {
        var settings = new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) };
        if (Console.IsOutputRedirected)
            settings.Ansi = AnsiSupport.No;
        var console = AnsiConsole.Create(settings);
        if (Console.IsOutputRedirected)
            console.Profile.Width = RedirectedWidth;
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("");
        foreach (var way in report.WaysUsed)
            table.AddColumn(new TableColumn(way.Title).RightAligned());
        foreach (var row in report.Metrics)
            table.AddRow([Markup.Escape($"{row.Metric.Title}, {row.Metric.Unit}"), .. report.WaysUsed.Select(way => Markup.Escape(MetricText.Cell(row, way)))]);
        console.Write(table);
        output.WriteLine(
            $"Medians of {report.Options.Rounds} rounds of {report.Options.Seconds} s, (least..most), and in multiples of the reference,"
            + " which is HAProxy unless only others were compared.");
        output.WriteLine(MetricText.Conditions(report));
        output.WriteLine("Processor time is that of the proxy's process; the kernel's soft interrupts are not in it.");
        WriteProof(output, report);
    }

    private static void WriteProof(TextWriter output, BenchReport report)
    {
        output.WriteLine(report.Valid
            ? $"All {report.Runs.Count} runs are proved by the counters of client, middle, server and box: "
                + $"{report.Runs.Sum(run => run.Flows):N0} connections."
            : "NOT VALID, and left out above:");
        foreach (var run in report.Runs.Where(run => !run.Valid))
            output.WriteLine($"  round {run.Round}, {run.Case}, {Way.Of(run.Way).Title}: {string.Join("; ", run.Faults)}");
    }
}
