using System.Globalization;
using System.Text;
using Middlebox.Lab.Topologies;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>
/// Draws the long download over a trace as SVG: for each mode a panel with the rate towards the client over time, Wi-Fi below and cellular stacked upon it, and
/// the times at which an access was down shaded.
/// </summary>
internal static class RatePicture
{
    private const int Left = 110;
    private const int Width = 720;
    private const int PanelHeight = 90;
    private const int PanelGap = 26;
    private const int Top = 46;
    private const string WifiColour = "#3b7dd8";
    private const string CellularColour = "#e08a2c";

    // Five samples of 100 ms: single ones show the bursts of the queue rather than the rate.
    private const int Smoothing = 5;

    /// <summary>The picture of one run.</summary>
    public static string Draw(Topology topology, IReadOnlyList<MobilityResult> results)
    {
        var rates = results.ToDictionary(result => result.Mode, result => RatesOf(result.Samples));
        var most = Math.Max(1, rates.Values.SelectMany(points => points).Select(point => point.Wifi + point.Cellular).DefaultIfEmpty(1).Max());
        var height = Top + (results.Count * (PanelHeight + PanelGap)) + 20;
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Left + Width + 20}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">");
        Line(svg, $"<rect width=\"100%\" height=\"100%\" fill=\"white\"/><text x=\"10\" y=\"18\" font-size=\"14\">{Escape(topology.Description)}</text>");
        Line(svg, $"<rect x=\"{Left}\" y=\"26\" width=\"10\" height=\"10\" fill=\"{WifiColour}\"/><text x=\"{Left + 14}\" y=\"35\">Wi-Fi</text>");
        Line(svg, $"<rect x=\"{Left + 60}\" y=\"26\" width=\"10\" height=\"10\" fill=\"{CellularColour}\"/><text x=\"{Left + 74}\" y=\"35\">cellular</text>");
        Line(svg, $"<text x=\"{Left + 140}\" y=\"35\" fill=\"#777\">shaded in an access's colour: that access is down; Mbit/s over seconds</text>");
        foreach (var (index, result) in results.Index())
            Panel(svg, topology, result, rates[result.Mode], most, Top + (index * (PanelHeight + PanelGap)));
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void Panel(
        StringBuilder svg, Topology topology, MobilityResult result, List<(double Second, double Wifi, double Cellular)> points, double most, int top)
    {
        Outages(svg, topology, "wifi", WifiColour, top, PanelHeight / 2);
        Outages(svg, topology, "lte", CellularColour, top + (PanelHeight / 2), PanelHeight / 2);
        Area(svg, points.Select(point => (point.Second, point.Wifi)), most, top, WifiColour, [.. points.Select(_ => 0.0)]);
        Area(svg, points.Select(point => (point.Second, point.Wifi + point.Cellular)), most, top, CellularColour, [.. points.Select(point => point.Wifi)]);
        Line(svg, $"<rect x=\"{Left}\" y=\"{top}\" width=\"{Width}\" height=\"{PanelHeight}\" fill=\"none\" stroke=\"#999\"/>");
        Line(svg, $"<text x=\"10\" y=\"{top + 20}\">{MobilityModeText.Of(result.Mode)}</text><text x=\"10\" y=\"{top + 36}\" fill=\"#555\">{result.MeanMbits:0.0} Mbit/s</text>");
        Line(svg, $"<text x=\"10\" y=\"{top + 52}\" fill=\"#555\">stall {result.LongestStallSeconds:0.0} s</text>");
        Line(svg, $"<text x=\"{Left - 4}\" y=\"{top + 10}\" text-anchor=\"end\" fill=\"#555\">{most:0}</text>");
        for (var second = 0; second <= MobilityRun.Duration.TotalSeconds; second += 5)
            Line(svg, $"<text x=\"{X(second):0}\" y=\"{top + PanelHeight + 13}\" text-anchor=\"middle\" fill=\"#777\" font-size=\"10\">{second}</text>");
    }

    private static void Outages(StringBuilder svg, Topology topology, string link, string colour, int top, int height)
    {
        var changes = MobilityEvents.Of(topology, link);
        foreach (var (index, (at, up)) in changes.Index())
        {
            if (up)
                continue;
            var end = changes.Skip(index + 1).Where(change => change.Up).Select(change => change.At).FirstOrDefault(MobilityRun.Duration);
            Line(svg, $"<rect x=\"{X(at.TotalSeconds):0}\" y=\"{top}\" width=\"{X(end.TotalSeconds) - X(at.TotalSeconds):0}\" height=\"{height}\" fill=\"{colour}\" opacity=\"0.15\"/>");
        }
    }

    private static void Area(
        StringBuilder svg, IEnumerable<(double Second, double Rate)> upper, double most, int top, string colour, IReadOnlyList<double> lower)
    {
        var edge = upper.ToList();
        double Y(double rate) => top + PanelHeight - (rate / most * PanelHeight);
        var forth = edge.Select(point => Point(X(point.Second), Y(point.Rate)));
        var back = edge.Zip(lower).Reverse().Select(pair => Point(X(pair.First.Second), Y(pair.Second)));
        Line(svg, $"<polygon points=\"{string.Join(' ', forth.Concat(back))}\" fill=\"{colour}\" opacity=\"0.85\"/>");
    }

    private static List<(double Second, double Wifi, double Cellular)> RatesOf(IReadOnlyList<PathSample> samples) =>
    [
        .. samples.Zip(samples.Skip(Smoothing)).Select(pair =>
        {
            var seconds = (pair.Second.At - pair.First.At).TotalSeconds;
            return (
                Math.Min(MobilityRun.Duration.TotalSeconds, (pair.First.At.TotalSeconds + pair.Second.At.TotalSeconds) / 2),
                (pair.Second.WifiDown - pair.First.WifiDown) * 8e-6 / seconds,
                (pair.Second.CellularDown - pair.First.CellularDown) * 8e-6 / seconds);
        }),
    ];

    private static double X(double second) => Left + (second / MobilityRun.Duration.TotalSeconds * Width);

    private static string Point(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#}");

    private static void Line(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
