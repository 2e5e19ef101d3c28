namespace Middlebox.Appliance.Dashboard;

/// <summary>One leg in the detail of a connection; the JSON names are a contract with the page.</summary>
/// <param name="Local">Address and port at the box: the server's, or an announced address.</param>
/// <param name="Remote">Address and port of the peer.</param>
/// <param name="Path">Name of its path.</param>
/// <param name="Backup">Whether it waits as a backup; null if the kernel does not tell.</param>
/// <param name="Received">From the peer in the last second, in bit/s.</param>
/// <param name="Sent">To the peer, as far as it was acknowledged, in bit/s.</param>
/// <param name="BytesReceived">Since it began.</param>
/// <param name="BytesSent">Since it began, as far as it was acknowledged.</param>
/// <param name="RoundTrip">Smoothed round-trip time in milliseconds.</param>
/// <param name="SegmentsSent">Segments with data sent to the peer, repetitions included.</param>
/// <param name="SegmentsRepeated">Those that were sent again.</param>
/// <param name="CongestionWindow">In segments.</param>
internal sealed record SubflowRow(
    string Local,
    string Remote,
    string Path,
    bool? Backup,
    double Received,
    double Sent,
    long BytesReceived,
    long BytesSent,
    double RoundTrip,
    long SegmentsSent,
    long SegmentsRepeated,
    long CongestionWindow)
{
    public static SubflowRow Of(SubflowSample sample, bool? backup) => new(
        sample.Reading.Subflow.Local.ToString(),
        sample.Reading.Subflow.Remote.ToString(),
        PathName.Of(sample.Reading.Subflow.Remote.Address),
        backup,
        sample.Rate.Up,
        sample.Rate.Down,
        sample.Reading.Leg.BytesReceived,
        sample.Reading.Leg.BytesAcknowledged,
        sample.Reading.Leg.RoundTripMicroseconds / 1000.0,
        sample.Reading.Leg.SegmentsSent,
        sample.Reading.Leg.SegmentsRepeated,
        sample.Reading.Leg.CongestionWindow);
}
