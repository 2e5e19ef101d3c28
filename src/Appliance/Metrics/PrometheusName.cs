using System.Diagnostics.Metrics;

namespace Middlebox.Appliance.Metrics;

/// <summary>
/// Names of instruments in the form of Prometheus: underscores for dots, the unit in the name, <c>_total</c> behind a counter.
/// </summary>
/// <remarks>Prometheus documentation, metric and label naming.</remarks>
internal static class PrometheusName
{
    private static readonly Dictionary<string, string> Units = new() { ["s"] = "seconds", ["By"] = "bytes" };

    /// <summary>The name of an instrument; units in braces, such as <c>{flow}</c>, only count and stay out of it.</summary>
    /// <exception cref="NotSupportedException">The unit has no name here.</exception>
    public static string Of(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_');
        if (instrument.Unit is { Length: > 0 } unit && !unit.StartsWith('{'))
            name += "_" + (Units.GetValueOrDefault(unit) ?? throw new NotSupportedException($"No name is known for the unit {unit}."));
        return IsCounter(instrument) ? name + "_total" : name;
    }

    /// <summary>What Prometheus calls the instrument's kind.</summary>
    public static string TypeOf(Instrument instrument) => instrument switch
    {
        _ when IsCounter(instrument) => "counter",
        Histogram<double> => "histogram",
        _ => "gauge",
    };

    private static bool IsCounter(Instrument instrument) => instrument is ObservableCounter<long>;
}
