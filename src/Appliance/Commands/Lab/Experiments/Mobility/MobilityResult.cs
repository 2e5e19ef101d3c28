using System.Text.Json.Serialization;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>One mode over one trace, once.</summary>
/// <param name="Trace">The topology's name.</param>
/// <param name="Mode">How the accesses were used.</param>
/// <param name="Run">Which repetition, from 1.</param>
/// <param name="MeanMbits">Long download: mean rate over the whole trace, in Mbit/s.</param>
/// <param name="LongestStallSeconds">Long download: the longest time without a byte.</param>
/// <param name="HasWrongBytes">Long download: whether any byte was wrong.</param>
/// <param name="Failure">Long download: what broke it; null if nothing did.</param>
/// <param name="StreamStallSeconds">Paced stream: how long the picture stood still.</param>
/// <param name="PingP99Milliseconds">Ping-pong: the 99th percentile.</param>
/// <param name="PageMedianSeconds">Pages: the median of those that came; null if none did.</param>
/// <param name="PagesFailed">Pages that did not come within ten seconds.</param>
/// <param name="CellularOnSeconds">Long download: how long the cellular radio was on.</param>
/// <param name="Joules">Long download: energy of both radios.</param>
/// <param name="CellularShareWhileWifi">Long download: the share of bytes that came over cellular while Wi-Fi was up all the time.</param>
/// <param name="WasProxied">Whether the box acted on all of its MPTCP connections' first ones, or had nothing to do with a plain one.</param>
/// <param name="Samples">The counters of the download, for the pictures.</param>
internal sealed record MobilityResult(
    string Trace,
    MobilityMode Mode,
    int Run,
    double MeanMbits,
    double LongestStallSeconds,
    bool HasWrongBytes,
    string? Failure,
    double StreamStallSeconds,
    double PingP99Milliseconds,
    double? PageMedianSeconds,
    int PagesFailed,
    double CellularOnSeconds,
    double Joules,
    double CellularShareWhileWifi,
    bool WasProxied,
    [property: JsonIgnore] IReadOnlyList<PathSample> Samples)
{
    /// <summary>What must be whatever the trace: no wrong byte, MPTCP not broken, and served by the box.</summary>
    [JsonIgnore]
    public bool Holds => !HasWrongBytes && WasProxied && (Failure is null || Mode is MobilityMode.TcpWifi or MobilityMode.TcpCellular);
}
