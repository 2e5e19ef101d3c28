using System.Diagnostics.Metrics;
using System.Text.Json;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine;

/// <summary>What is measured once in the life of a relayed connection, by its relay thread; nothing here is met by a chunk of data.</summary>
public sealed class RelayInstruments
{
    private static readonly KeyValuePair<string, object?>[] EndTags =
    [
        .. Enum.GetNames<FlowEnd>().Select(end => KeyValuePair.Create("end", (object?)JsonNamingPolicy.CamelCase.ConvertName(end))),
    ];

    private readonly Histogram<double> _setUp;
    private readonly Histogram<double> _duration;

    /// <param name="meter">The box's meter.</param>
    public RelayInstruments(Meter meter)
    {
        _setUp = meter.CreateHistogram(
            "middlebox.flow.setup",
            "s",
            "From the client's first SYN to the connection that is relayed",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
            });
        _duration = meter.CreateHistogram(
            "middlebox.flow.duration",
            "s",
            "How long connections were relayed that have ended",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.01, 0.1, 1, 10, 60, 300, 1800, 3600, 14_400, 86_400],
            });
    }

    internal void RecordSetUp(TimeSpan time) => _setUp.Record(time.TotalSeconds);

    internal void RecordDuration(TimeSpan time, FlowEnd end) => _duration.Record(time.TotalSeconds, EndTags[(int)end]);
}
