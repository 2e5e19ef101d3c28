using System.Diagnostics;

namespace Middlebox.Bench.Load;

/// <summary>Times of single events, in ticks of <see cref="Stopwatch"/>, kept one by one so that percentiles are exact.</summary>
internal sealed class Latencies
{
    private const int InitialCapacity = 1 << 18;

    private long[] _ticks = new long[InitialCapacity];
    private int _count;

    public void Add(long ticks)
    {
        if (_count == _ticks.Length)
            Array.Resize(ref _ticks, _ticks.Length * 2);
        _ticks[_count++] = ticks;
    }

    /// <summary>A percentile in microseconds.</summary>
    /// <param name="percent">0 to 100.</param>
    /// <exception cref="InvalidOperationException">Nothing was added.</exception>
    public double Microseconds(double percent)
    {
        if (_count == 0)
            throw new InvalidOperationException("No event was timed.");
        Array.Sort(_ticks, 0, _count);
        var rank = (int)Math.Ceiling(percent / 100 * _count);
        return _ticks[Math.Clamp(rank - 1, 0, _count - 1)] * 1e6 / Stopwatch.Frequency;
    }
}
