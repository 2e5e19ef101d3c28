using Middlebox.Appliance.Reports;
using Middlebox.Negotiation.History;

namespace Middlebox.Appliance.Trace;

/// <summary>
/// Follows the histories of all packet threads for one tracer. Packet threads do not know of it: it looks what they have written, and
/// counts what they have overwritten before it came to look.
/// </summary>
internal sealed class DecisionReader : IDisposable
{
    private readonly IReadOnlyList<DecisionHistory> _histories;
    private readonly TraceFilter _filter;
    private readonly TimeProvider _time;
    private readonly long[] _next;

    public DecisionReader(IReadOnlyList<DecisionHistory> histories, TraceFilter filter, TimeProvider time)
    {
        _histories = histories;
        _filter = filter;
        _time = time;
        if (filter.Packets)
        {
            foreach (var history in histories)
                history.KeepPackets();
        }

        _next = [.. histories.Select(history => filter.Past ? Math.Max(0, history.Written - history.Capacity) : history.Written)];
    }

    public void Dispose()
    {
        if (!_filter.Packets)
            return;
        foreach (var history in _histories)
            history.ForgoPackets();
    }

    /// <summary>What has been decided since the last call, oldest first.</summary>
    /// <param name="lost">Decisions that were overwritten meanwhile, wanted or not.</param>
    public IReadOnlyList<DecisionReport> Read(out long lost)
    {
        lost = 0;
        var found = new List<(long Time, DecisionReport Report)>();
        for (var i = 0; i < _histories.Count; i++)
            lost += Read(_histories[i], ref _next[i], found);
        return [.. found.OrderBy(decision => decision.Time).Select(decision => decision.Report)];
    }

    private long Read(DecisionHistory history, ref long next, List<(long Time, DecisionReport Report)> found)
    {
        Span<byte> packet = stackalloc byte[DecisionHistory.MaximumPacketLength];
        var lost = 0L;
        for (var end = history.Written; next < end; next++)
        {
            if (end - next > history.Capacity)
            {
                lost += end - history.Capacity - next;
                next = end - history.Capacity;
            }

            if (!history.TryRead(next, out var record, packet, out var length))
                lost++;
            else if (_filter.Matches(in record))
                found.Add((record.Time, DecisionReport.Of(in record, WallClock(record.Time), length > 0 ? packet[..length].ToArray() : null)));
        }

        return lost;
    }

    private DateTimeOffset WallClock(long timestamp) => _time.GetUtcNow() - _time.GetElapsedTime(timestamp);
}
