using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Emulation;

/// <summary>
/// Makes packet delivery traces of a cellular link whose rate varies: every 100 ms the logarithm of the rate moves towards its mean and by chance, an
/// Ornstein-Uhlenbeck process with a standard deviation of 0.6 and a memory of 2 s; within 100 ms packets leave evenly. The same seed gives the same trace.
/// </summary>
public static class TraceGenerator
{
    private const double Deviation = 0.6;
    private const double MemorySeconds = 2;
    private const double StepSeconds = 0.1;
    private const double OpportunityBits = DeliveryTrace.OpportunityBytes * 8;

    /// <summary>The times at which a packet of up to 1500 bytes may leave, in milliseconds.</summary>
    /// <param name="mean">The mean rate.</param>
    /// <param name="duration">The length of the trace, at least 100 ms.</param>
    /// <param name="seed">Where the random numbers begin.</param>
    public static IEnumerable<long> Generate(LinkRate mean, TimeSpan duration, int seed)
    {
        var random = new Random(seed);
        var keep = Math.Exp(-StepSeconds / MemorySeconds);
        var shake = Deviation * Math.Sqrt(1 - (keep * keep));
        var level = Deviation * Gaussian(random);
        var owed = 0.0;
        for (var step = 0; step * StepSeconds < duration.TotalSeconds; step++)
        {
            // Less half the variance, so that the mean of the rate, not of its logarithm, is the one asked for.
            var rate = mean.BitsPerSecond * Math.Exp(level - (Deviation * Deviation / 2));
            for (var millisecond = 0; millisecond < StepSeconds * 1000; millisecond++)
            {
                for (owed += rate / 1000 / OpportunityBits; owed >= 1; owed--)
                    yield return (long)(step * StepSeconds * 1000) + millisecond + 1;
            }

            level = (keep * level) + (shake * Gaussian(random));
        }
    }

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
