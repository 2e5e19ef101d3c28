namespace Middlebox.Lab.Emulation;

/// <summary>
/// How much longer than its delay a link takes at a moment: every 10 ms a value from 0 to 1 is drawn, and between two of them it goes from one to
/// the other evenly. A value for each packet would, with the order kept, become the largest of them as soon as packets are dense.
/// </summary>
internal sealed class JitterProcess(Random random)
{
    private const long PeriodNanoseconds = 10_000_000;

    private long _period;
    private double _from = random.NextDouble();
    private double _to = random.NextDouble();

    /// <summary>The share of the jitter at a time, from 0 to 1.</summary>
    /// <param name="nowNanoseconds">Not before the time of the last call.</param>
    public double At(long nowNanoseconds)
    {
        var period = nowNanoseconds / PeriodNanoseconds;
        if (period != _period)
        {
            _from = period == _period + 1 ? _to : random.NextDouble();
            _to = random.NextDouble();
            _period = period;
        }

        return _from + ((_to - _from) * (nowNanoseconds % PeriodNanoseconds) / PeriodNanoseconds);
    }
}
