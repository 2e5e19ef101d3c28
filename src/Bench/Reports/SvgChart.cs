using System.Globalization;
using System.Net;
using System.Text;
using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Reports;

/// <summary>A bar chart: a group of bars for each metric, each group with a scale of its own, whiskers from least to most.</summary>
public static class SvgChart
{
    private const int Width = 1200;
    private const int LabelWidth = 580;
    private const int BarWidth = 400;
    private const int BarHeight = 14;
    private const int GroupGap = 16;
    private const int HeaderHeight = 70;

    private static readonly Dictionary<WayName, string> Colours = new()
    {
        [WayName.Box] = "#1565c0",
        [WayName.Haproxy] = "#ef6c00",
        [WayName.PlainTcp] = "#9e9e9e",
        [WayName.EndToEndMptcp] = "#616161",
        [WayName.BoxCapableServer] = "#1e88e5",
        [WayName.BoxPlainClient] = "#64b5f6",
    };

    /// <summary>The picture as a document of its own.</summary>
    public static string Draw(BenchReport report)
    {
        var height = HeaderHeight + report.Metrics.Sum(row => (row.Ways.Count * BarHeight) + GroupGap);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\"")
            .Append(" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        AppendHeader(svg, report);
        var top = HeaderHeight;
        foreach (var row in report.Metrics)
        {
            AppendGroup(svg, row, top);
            top += (row.Ways.Count * BarHeight) + GroupGap;
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void AppendHeader(StringBuilder svg, BenchReport report)
    {
        var environment = report.Environment;
        Text(svg, 10, 20, $"Linux {environment.Kernel}, {environment.Cores} cores, {environment.CongestionControl}; medians of "
            + $"{report.Options.Rounds} rounds, whiskers from least to most; {(report.Valid ? "all runs proved" : "SOME RUNS NOT VALID")}");
        var left = 10;
        foreach (var way in report.WaysUsed)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{left}\" y=\"34\" width=\"12\" height=\"12\" fill=\"{Colours[way.Name]}\"/>\n");
            Text(svg, left + 16, 44, way.Title);
            left += 195;
        }
    }

    private static void AppendGroup(StringBuilder svg, MetricRow row, int top)
    {
        var better = row.Metric.MoreIsBetter ? "more is better" : "less is better";
        Text(svg, 10, top + BarHeight - 3, $"{row.Metric.Title}, {row.Metric.Unit} ({better})");
        var scale = row.Ways.Values.Max(values => values.Most) is > 0 and var most ? BarWidth / most : 0;
        foreach (var way in Way.All.Where(way => row.Ways.ContainsKey(way.Name)))
        {
            var values = row.Ways[way.Name];
            var middle = top + (BarHeight / 2) - 1;
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{LabelWidth}\" y=\"{top}\" width=\"{Math.Max(0, values.Median) * scale:0.0}\"")
                .Append(CultureInfo.InvariantCulture, $" height=\"{BarHeight - 2}\" fill=\"{Colours[way.Name]}\"/>\n")
                .Append(CultureInfo.InvariantCulture, $"<line x1=\"{LabelWidth + (Math.Max(0, values.Least) * scale):0.0}\" y1=\"{middle}\"")
                .Append(CultureInfo.InvariantCulture, $" x2=\"{LabelWidth + (Math.Max(0, values.Most) * scale):0.0}\" y2=\"{middle}\" stroke=\"black\"/>\n");
            var ratio = row.Ratios.TryGetValue(way.Name, out var multiple)
                ? string.Create(CultureInfo.InvariantCulture, $"  x{multiple:0.00}")
                : "";
            Text(svg, LabelWidth + BarWidth + 8, top + BarHeight - 3, MetricText.Number(values.Median) + ratio);
            top += BarHeight;
        }
    }

    private static void Text(StringBuilder svg, int x, int y, string text) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\">{WebUtility.HtmlEncode(text)}</text>\n");
}
