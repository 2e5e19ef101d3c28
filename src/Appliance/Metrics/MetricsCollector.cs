using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Middlebox.Appliance.Metrics;

/// <summary>
/// Listens to one meter and writes all of its instruments in Prometheus' text format 0.0.4. Observable instruments are asked when
/// somebody scrapes; histograms are kept here from the first value on, so the collector is made before anything is recorded.
/// </summary>
/// <remarks>Scrapes come one after the other; values of histograms are recorded by any thread.</remarks>
internal sealed class MetricsCollector : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _scrape = new();
    private readonly SortedDictionary<string, Instrument> _instruments = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), HistogramSeries> _histograms = new();
    private readonly Dictionary<Instrument, List<(string Labels, long Value)>> _observed = [];

    public MetricsCollector(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!ReferenceEquals(instrument.Meter, meter))
                return;
            lock (_scrape)
                _instruments.Add(PrometheusName.Of(instrument), instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(OnObserved);
        _listener.SetMeasurementEventCallback<double>(OnRecorded);
        _listener.Start();
    }

    /// <summary>The names of all that is exposed, without those of the parts of histograms.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_scrape)
                return [.. _instruments.Keys];
        }
    }

    /// <summary>Everything, in the order of the names.</summary>
    public string Write()
    {
        lock (_scrape)
        {
            _observed.Clear();
            _listener.RecordObservableInstruments();
            var text = new StringBuilder(8192);
            foreach (var (name, instrument) in _instruments)
            {
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description}\n");
                text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {PrometheusName.TypeOf(instrument)}\n");
                foreach (var (labels, value) in _observed.GetValueOrDefault(instrument, []))
                    text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value}\n");
                foreach (var ((_, labels), series) in _histograms.Where(entry => entry.Key.Instrument == instrument))
                    series.WriteTo(text, name, labels);
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private void OnObserved(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (!_observed.TryGetValue(instrument, out var values))
            _observed.Add(instrument, values = []);
        values.Add((LabelText.Of(tags), value));
    }

    private void OnRecorded(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
        _histograms.GetOrAdd(
            (instrument, LabelText.Of(tags)),
            static key => new HistogramSeries(((Histogram<double>)key.Instrument).Advice!.HistogramBucketBoundaries!))
            .Record(value);
}
