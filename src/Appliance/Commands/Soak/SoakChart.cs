using System.Globalization;
using System.Net;
using System.Text;

namespace Middlebox.Appliance.Commands.Soak;

/// <summary>Draws a run as SVG: a panel for each thing that was sampled, and a line at each fault.</summary>
internal static class SoakChart
{
    private const int Left = 130;
    private const int Width = 900;
    private const int PanelHeight = 80;
    private const int PanelGap = 22;
    private const int Top = 52;

    private static readonly Dictionary<SoakFault, string> Colours = new()
    {
        [SoakFault.WifiCut] = "#3b7dd8",
        [SoakFault.LteCut] = "#e08a2c",
        [SoakFault.Loss] = "#8e5ea2",
        [SoakFault.Reload] = "#2e7d32",
        [SoakFault.Kill] = "#c62828",
    };

    /// <summary>The picture as a document of its own.</summary>
    public static string Draw(SoakReport report)
    {
        List<(string Title, string Unit, Func<SoakSample, double?> Value)> panels =
        [
            ("connections", "relayed", sample => sample.Flows),
            ("contexts", "being set up", sample => sample.Contexts),
            ("descriptors", "of the daemon", sample => sample.Descriptors),
            ("TCP sockets", "in the box", sample => sample.Sockets),
            ("memory", "MiB, anonymous", sample => sample.MemoryBytes / 1048576.0),
        ];
        var end = Math.Max(1, report.Samples.Select(sample => sample.Second).DefaultIfEmpty(1).Max());
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Left + Width + 20}\" height=\"{Top + ((panels.Count + 1) * (PanelHeight + PanelGap))}\" font-family=\"sans-serif\" font-size=\"12\">");
        Line(svg, $"<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        Line(svg, $"<text x=\"10\" y=\"18\" font-size=\"14\">{report.Seconds:0} s of load and faults: {report.Completed} connections, {report.Bytes / 1e9:0.0} GB, {(report.Holds ? "everything holds" : "SOMETHING DOES NOT HOLD")}</text>");
        var x = Left;
        foreach (var (fault, colour) in Colours)
        {
            Line(svg, $"<rect x=\"{x}\" y=\"28\" width=\"10\" height=\"10\" fill=\"{colour}\"/><text x=\"{x + 14}\" y=\"37\">{fault}</text>");
            x += 110;
        }

        List<(double Second, double? Value)> rates =
        [
            .. report.Samples.Zip(report.Samples.Skip(1))
                .Select(pair => (pair.Second.Second, (double?)((pair.Second.Bytes - pair.First.Bytes) * 8e-6 / (pair.Second.Second - pair.First.Second)))),
        ];
        Panel(svg, report, "rate", "Mbit/s, both ways", rates, end, Top);
        foreach (var (index, (title, unit, value)) in panels.Index())
            Panel(svg, report, title, unit, [.. report.Samples.Select(sample => (sample.Second, value(sample)))], end, Top + ((index + 1) * (PanelHeight + PanelGap)));
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void Panel(
        StringBuilder svg, SoakReport report, string title, string unit, IReadOnlyList<(double Second, double? Value)> points, double end, int top)
    {
        var most = Math.Max(1, points.Select(point => point.Value).DefaultIfEmpty().Max() ?? 1);
        double X(double second) => Left + (second / end * Width);
        foreach (var fault in report.Events)
            Line(svg, $"<line x1=\"{X(fault.Second):0.#}\" x2=\"{X(fault.Second):0.#}\" y1=\"{top}\" y2=\"{top + PanelHeight}\" stroke=\"{Colours[fault.Fault]}\" opacity=\"0.5\"/>");
        // A line ends where no daemon could be asked, and goes on behind it.
        var path = new StringBuilder();
        var isDrawing = false;
        foreach (var (second, value) in points)
        {
            if (value is { } height)
                path.Append(CultureInfo.InvariantCulture, $"{(isDrawing ? 'L' : 'M')}{X(second):0.#},{top + PanelHeight - (height / most * PanelHeight):0.#}");
            isDrawing = value is not null;
        }

        Line(svg, $"<path d=\"{path}\" fill=\"none\" stroke=\"#222\"/>");
        Line(svg, $"<rect x=\"{Left}\" y=\"{top}\" width=\"{Width}\" height=\"{PanelHeight}\" fill=\"none\" stroke=\"#999\"/>");
        Line(svg, $"<text x=\"10\" y=\"{top + 20}\">{WebUtility.HtmlEncode(title)}</text><text x=\"10\" y=\"{top + 36}\" fill=\"#555\">{WebUtility.HtmlEncode(unit)}</text>");
        Line(svg, $"<text x=\"{Left - 4}\" y=\"{top + 10}\" text-anchor=\"end\" fill=\"#555\">{most:0}</text>");
        Line(svg, $"<text x=\"{Left + Width}\" y=\"{top + PanelHeight + 13}\" text-anchor=\"end\" fill=\"#777\" font-size=\"10\">{end:0} s</text>");
    }

    private static void Line(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
