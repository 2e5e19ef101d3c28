using System.Globalization;
using Middlebox.Bench.Ways;

namespace Middlebox.Bench.Reports;

/// <summary>How values are written for people.</summary>
public static class MetricText
{
    /// <summary>Median, spread and ratio of a metric on a way; empty where it was not measured.</summary>
    public static string Cell(MetricRow row, Way way)
    {
        if (!row.Ways.TryGetValue(way.Name, out var values))
            return "";
        var ratio = row.Ratios.TryGetValue(way.Name, out var multiple)
            ? string.Create(CultureInfo.InvariantCulture, $" x{multiple:0.00}")
            : "";
        var spread = values.Values.Count > 1 ? $" ({Number(values.Least)}..{Number(values.Most)})" : "";
        return $"{Number(values.Median)}{spread}{ratio}";
    }

    /// <summary>What the figures depend on, in one sentence.</summary>
    public static string Conditions(BenchReport report)
    {
        var environment = report.Environment;
        var sockets = report.Options.Haproxy switch
        {
            HaproxySockets.Mptcpize => "its sockets by mptcpize",
            HaproxySockets.InheritedListener => "with inherited MPTCP listeners",
            _ => "WITHOUT MPTCP",
        };
        return $"Linux {environment.Kernel}, {environment.Cores} cores ({environment.Processor}) shared by everything,"
            + $" congestion control {environment.CongestionControl}, {environment.Haproxy} ({sockets}), {environment.Iperf3}, {environment.Runtime}.";
    }

    /// <summary>To three digits: more would be noise.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
