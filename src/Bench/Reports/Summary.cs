namespace Middlebox.Bench.Reports;

/// <summary>The values of one metric on one way.</summary>
/// <param name="Median">The one in the middle, or the mean of the two there.</param>
/// <param name="Least">Smallest.</param>
/// <param name="Most">Largest.</param>
/// <param name="Values">All, in the order of the rounds.</param>
public sealed record Summary(double Median, double Least, double Most, IReadOnlyList<double> Values)
{
    /// <exception cref="InvalidOperationException">There is no value.</exception>
    public static Summary Of(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToList();
        var median = (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        return new Summary(median, sorted.First(), sorted.Last(), values);
    }
}
