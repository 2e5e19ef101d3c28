using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine;
using Middlebox.ProxyEngine.Paths;

namespace Middlebox.Appliance.Dashboard;

/// <summary>
/// Makes rates of counters, second by second, and keeps those of the last ten minutes and the connections of the last second. One thread adds, any reads.
/// </summary>
internal sealed class DashboardHistory
{
    /// <summary>Seconds that are kept.</summary>
    public const int Capacity = 600;

    /// <summary>Name of all paths but the fastest.</summary>
    public const string OtherPaths = "others";

    // A name for each of many clients would make neither a picture nor a bound.
    private const int MostPaths = 6;

    private readonly Lock _lock = new();
    private readonly Queue<RateSample> _samples = new(Capacity);
    private volatile IReadOnlyDictionary<FlowKey, FlowSample> _flows = new Dictionary<FlowKey, FlowSample>();
    private (DateTimeOffset Time, BoxTotals Totals)? _before;
    private long _number;

    /// <summary>The connections relayed, with what they carried in the last second; empty while nobody looks.</summary>
    public IReadOnlyDictionary<FlowKey, FlowSample> Flows => _flows;

    /// <summary>The samples behind one that is known already, the oldest first.</summary>
    /// <param name="number">Its number; 0 for all.</param>
    public IReadOnlyList<RateSample> After(long number)
    {
        lock (_lock)
            return [.. _samples.Where(sample => sample.Number > number)];
    }

    /// <summary>Adds the time since the last call; the first one only begins.</summary>
    /// <param name="now">The time.</param>
    /// <param name="totals">The box's counters.</param>
    /// <param name="readings">The connections, if anybody looks.</param>
    public void Add(DateTimeOffset now, BoxTotals totals, IEnumerable<FlowReading>? readings)
    {
        var paths = new Dictionary<string, PathRate>();
        var seconds = Math.Max((now - (_before?.Time ?? now)).TotalSeconds, 0.001);
        var earlier = _flows;
        var flows = new Dictionary<FlowKey, FlowSample>();
        foreach (var reading in readings ?? [])
        {
            var old = earlier.GetValueOrDefault(reading.Key);
            var flow = Sample(reading, old?.Reading.Since == reading.Since ? old : null, reading.Since >= _before?.Time, seconds);
            flows[reading.Key] = flow;
            AddPaths(paths, flow);
        }

        _flows = flows;
        if (_before is { } before)
        {
            // While nobody looked nothing was read, so that the first reading tells totals and no rates.
            Keep(now, seconds, before.Totals, totals, readings is null || (earlier.Count == 0 && flows.Count > 0) ? null : Fastest(paths));
        }

        _before = (now, totals);
    }

    /// <param name="reading">The connection now.</param>
    /// <param name="old">The same connection a second ago; null if it was not read then.</param>
    /// <param name="isNew">Whether it has begun since, so that all that it ever moved counts.</param>
    /// <param name="seconds">The time between.</param>
    private static FlowSample Sample(FlowReading reading, FlowSample? old, bool isNew, double seconds)
    {
        var isKnown = isNew || old is not null;
        var rate = isKnown
            ? new PathRate(
                Rate(reading.BytesUp, old?.Reading.BytesUp ?? 0, seconds), Rate(reading.BytesDown, old?.Reading.BytesDown ?? 0, seconds))
            : default;
        // Without MPTCP the client's one leg is the one path.
        var subflows = reading is { Token: null, Client: { } client }
            ? [new SubflowReading(new Subflow(reading.Key.Server, reading.Key.Client), client)]
            : reading.Subflows;
        if (subflows.Count == 0 && old is not null)
            return new FlowSample(reading, rate, old.Subflows);
        var before = old?.Subflows.ToDictionary(subflow => subflow.Reading.Subflow, subflow => subflow.Reading.Leg) ?? [];
        return new FlowSample(
            reading,
            rate,
            [.. subflows.Select(subflow => new SubflowSample(
                subflow, isKnown ? RateOf(subflow.Leg, before.GetValueOrDefault(subflow.Subflow), seconds) : default))]);
    }

    private static PathRate RateOf(LegReading now, LegReading before, double seconds) => new(
        Rate(now.BytesReceived, before.BytesReceived, seconds), Rate(now.BytesAcknowledged, before.BytesAcknowledged, seconds));

    private static void AddPaths(Dictionary<string, PathRate> paths, FlowSample flow)
    {
        foreach (var subflow in flow.Subflows)
        {
            var name = PathName.Of(subflow.Reading.Subflow.Remote.Address);
            paths[name] = paths.GetValueOrDefault(name) + subflow.Rate;
        }
    }

    private static Dictionary<string, PathRate> Fastest(Dictionary<string, PathRate> paths)
    {
        var sorted = paths.OrderByDescending(path => path.Value.Sum).ThenBy(path => path.Key, StringComparer.Ordinal).ToList();
        var fastest = sorted.Take(MostPaths).ToDictionary();
        if (sorted.Count > MostPaths)
            fastest[OtherPaths] = sorted.Skip(MostPaths).Aggregate(default(PathRate), static (sum, path) => sum + path.Value);
        return fastest;
    }

    private void Keep(
        DateTimeOffset now, double seconds, BoxTotals before, BoxTotals totals, IReadOnlyDictionary<string, PathRate>? paths)
    {
        var decided = totals.Decided
            .Select(count => KeyValuePair.Create(count.Key, count.Value - before.Decided.GetValueOrDefault(count.Key)))
            .Where(count => count.Value > 0)
            .ToDictionary();
        var sample = new RateSample(
            ++_number,
            now.ToUnixTimeMilliseconds(),
            Rate(totals.BytesUp, before.BytesUp, seconds),
            Rate(totals.BytesDown, before.BytesDown, seconds),
            totals.Flows,
            totals.Contexts,
            decided,
            paths);
        lock (_lock)
        {
            if (_samples.Count == Capacity)
                _samples.Dequeue();
            _samples.Enqueue(sample);
        }
    }

    private static double Rate(long now, long before, double seconds) => Math.Round(Math.Max(0, now - before) * 8 / seconds);
}
