using System.Globalization;
using System.Text;

namespace Middlebox.Appliance.Metrics;

/// <summary>One histogram with one set of labels. Recorded by several relay threads, once in the life of a connection, under a lock.</summary>
/// <param name="bounds">Upper bounds of the buckets, rising; a last one without bound is added.</param>
internal sealed class HistogramSeries(IReadOnlyList<double> bounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[bounds.Count + 1];
    private double _sum;

    public void Record(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket])
            bucket++;
        lock (_lock)
        {
            _counts[bucket]++;
            _sum += value;
        }
    }

    /// <summary>Writes the buckets, each with all below it, the sum and the count.</summary>
    public void WriteTo(StringBuilder text, string name, string labels)
    {
        var counts = new long[_counts.Length];
        double sum;
        lock (_lock)
        {
            _counts.CopyTo(counts, 0);
            sum = _sum;
        }

        var below = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            below += counts[i];
            var bound = i < bounds.Count ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{LabelText.With(labels, "le", bound)} {below}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{name}_sum{labels} {sum}\n");
        text.Append(CultureInfo.InvariantCulture, $"{name}_count{labels} {below}\n");
    }
}
