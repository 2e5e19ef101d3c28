using System.Globalization;
using System.Text.Json;
using Middlebox.Negotiation;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Middlebox.Appliance.Commands.Top;

/// <summary>Draws two samples of a box: what it holds, what it decided between them, and its fastest connections.</summary>
internal static class TopScreen
{
    private const int MostReasons = 5;
    private static readonly string[] Prefixes = ["", "k", "M", "G", "T"];

    /// <param name="earlier">The sample before.</param>
    /// <param name="later">The sample to show.</param>
    /// <param name="rows">Most connections shown; at least 1.</param>
    public static IRenderable Draw(TopSample earlier, TopSample later, int rows)
    {
        var rates = FlowRate.Between(earlier, later);
        return new Rows(
            new Text(Summary(earlier, later, rates)),
            new Text(Reasons(earlier, later)),
            Table(rates, Math.Max(1, rows)));
    }

    /// <summary>A rate with three digits at most, such as <c>94.1 Mbit/s</c>.</summary>
    public static string Rate(double bitsPerSecond)
    {
        var prefix = 0;
        for (; bitsPerSecond >= 999.5 && prefix < Prefixes.Length - 1; prefix++)
            bitsPerSecond /= 1000;
        var format = prefix == 0 || bitsPerSecond >= 99.95 ? "0" : "0.0";
        return $"{bitsPerSecond.ToString(format, CultureInfo.InvariantCulture)} {Prefixes[prefix]}bit/s";
    }

    private static string Summary(TopSample earlier, TopSample later, IReadOnlyList<FlowRate> rates)
    {
        var status = later.Status;
        var seconds = Math.Max((later.Time - earlier.Time).TotalSeconds, 0.001);
        var fresh = (status.Flows.Total - earlier.Status.Flows.Total) / seconds;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{status.Name}  {later.Time:HH:mm:ss} UTC  mode {status.Mode}\n"
            + $"{status.Flows.Active} flows ({fresh:0.#} new/s), {status.Contexts.Current} contexts,"
            + $" {Rate(rates.Sum(rate => rate.Up))} up, {Rate(rates.Sum(rate => rate.Down))} down\n");
    }

    private static string Reasons(TopSample earlier, TopSample later)
    {
        var before = Counts(earlier);
        var counts = Counts(later)
            .Select(count => (count.Key, Count: count.Value - before.GetValueOrDefault(count.Key)))
            .Where(count => count.Count > 0)
            .OrderByDescending(count => count.Count)
            .Take(MostReasons)
            .Select(count => $"{count.Count} {JsonNamingPolicy.CamelCase.ConvertName(count.Key.ToString())}")
            .ToList();
        return counts.Count == 0 ? "Nothing was decided.\n" : $"Decided: {string.Join(", ", counts)}\n";
    }

    private static Dictionary<Reason, long> Counts(TopSample sample) =>
        sample.Status.Contexts.Released.Concat(sample.Status.Bypassed)
            .GroupBy(count => count.Key).ToDictionary(counts => counts.Key, counts => counts.Sum(count => count.Value));

    private static Table Table(IReadOnlyList<FlowRate> rates, int rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("Client");
        table.AddColumn("Server");
        table.AddColumn(new TableColumn("Paths").RightAligned());
        table.AddColumn(new TableColumn("Up").RightAligned());
        table.AddColumn(new TableColumn("Down").RightAligned());
        foreach (var rate in rates.Take(rows))
        {
            table.AddRow(
                new Text(rate.Flow.Client),
                new Text(rate.Flow.Server),
                new Text(rate.Flow.Mptcp ? $"{rate.Flow.Subflows.Count}" : "TCP"),
                new Text(Rate(rate.Up)),
                new Text(Rate(rate.Down)));
        }

        if (rates.Count > rows)
            table.Caption = new TableTitle($"{rates.Count - rows} more");
        return table;
    }
}
