using System.Globalization;
using Middlebox.Native;

namespace Middlebox.Lab.Emulation;

/// <summary>
/// A packet delivery trace: times in milliseconds, one a line, at each of which up to 1500 bytes may leave; what is not used of them is lost. Several
/// lines with the same time stand for several packets. At its end it begins anew; its length is its last time.
/// </summary>
internal sealed class DeliveryTrace : ILinkCapacity
{
    /// <summary>Bytes that may leave at each time.</summary>
    public const int OpportunityBytes = 1500;

    private const long Millisecond = LinkClock.Second / 1000;

    private readonly long[] _offsetsNanoseconds;
    private readonly long _lengthNanoseconds;
    private long _startNanoseconds;
    private long _next;
    private int _bytesLeft;
    private long _current;

    /// <param name="milliseconds">The times, none less than the one before; the last above 0.</param>
    public DeliveryTrace(IReadOnlyList<long> milliseconds)
    {
        _offsetsNanoseconds = [.. milliseconds.Select(time => time * Millisecond)];
        _lengthNanoseconds = _offsetsNanoseconds[^1];
    }

    /// <summary>Reads a file.</summary>
    /// <inheritdoc cref="TryRead"/>
    public static bool TryReadFile(string path, out IReadOnlyList<long> milliseconds, out string error)
    {
        if (RegularFile.TryReadText(path, out var text, out var problem))
            return TryRead(text.Split('\n'), out milliseconds, out error);
        milliseconds = [];
        error = problem;
        return false;
    }

    /// <summary>Reads a file's content.</summary>
    /// <param name="lines">The lines of the file; empty ones and those that begin with # are passed over.</param>
    /// <param name="milliseconds">The times.</param>
    /// <param name="error">What is wrong and where, if the result is false.</param>
    public static bool TryRead(IEnumerable<string> lines, out IReadOnlyList<long> milliseconds, out string error)
    {
        var times = new List<long>();
        milliseconds = times;
        error = "";
        foreach (var (index, line) in lines.Index())
        {
            var text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
                continue;
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var time) || time > int.MaxValue)
                error = $"line {index + 1} is no time in whole milliseconds: {text}";
            else if (times.Count > 0 && time < times[^1])
                error = $"line {index + 1} is earlier than the one before it: {text}";
            else
                times.Add(time);
            if (error.Length > 0)
                return false;
        }

        if (times.Count == 0 || times[^1] == 0)
            error = "has no time after 0";
        return error.Length == 0;
    }

    /// <inheritdoc/>
    public long Finish(long beginNanoseconds, int bytes)
    {
        var left = bytes;
        // The rest of an opportunity is good for packets that waited when it came.
        if (_bytesLeft > 0 && beginNanoseconds <= _current)
        {
            var taken = Math.Min(left, _bytesLeft);
            left -= taken;
            _bytesLeft -= taken;
        }

        while (left > 0)
        {
            SkipTo(beginNanoseconds);
            _current = TimeOf(_next++);
            var taken = Math.Min(left, OpportunityBytes);
            left -= taken;
            _bytesLeft = OpportunityBytes - taken;
        }

        return Math.Max(_current, beginNanoseconds);
    }

    /// <inheritdoc/>
    public void Start(long nowNanoseconds)
    {
        _startNanoseconds = nowNanoseconds;
        _next = 0;
        _bytesLeft = 0;
        _current = 0;
    }

    private long TimeOf(long opportunity) =>
        _startNanoseconds + (opportunity / _offsetsNanoseconds.Length * _lengthNanoseconds)
        + _offsetsNanoseconds[opportunity % _offsetsNanoseconds.Length];

    private void SkipTo(long timeNanoseconds)
    {
        if (TimeOf(_next) >= timeNanoseconds)
            return;
        // The line may have been idle for long: go to the round first, then to the place in it.
        var elapsed = timeNanoseconds - _startNanoseconds;
        var round = elapsed / _lengthNanoseconds;
        var place = Array.BinarySearch(_offsetsNanoseconds, elapsed % _lengthNanoseconds);
        if (place < 0)
            place = ~place;
        while (place > 0 && place < _offsetsNanoseconds.Length && _offsetsNanoseconds[place - 1] == elapsed % _lengthNanoseconds)
            place--;
        _next = Math.Max(_next, (round * _offsetsNanoseconds.Length) + place);
    }
}
