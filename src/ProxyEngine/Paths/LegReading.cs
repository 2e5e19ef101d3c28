using Middlebox.Native;

namespace Middlebox.ProxyEngine.Paths;

/// <summary>What the kernel has counted of one TCP connection or one subflow since it began.</summary>
/// <param name="BytesReceived">Bytes taken from the peer, each once.</param>
/// <param name="BytesAcknowledged">Bytes that the peer has acknowledged.</param>
/// <param name="RoundTripMicroseconds">Smoothed round-trip time in microseconds.</param>
/// <param name="SegmentsSent">Segments with data, repetitions included.</param>
/// <param name="SegmentsRepeated">Segments sent again: the loss towards the peer, as far as the sender noticed.</param>
/// <param name="CongestionWindow">In segments.</param>
public readonly record struct LegReading(
    long BytesReceived, long BytesAcknowledged, long RoundTripMicroseconds, long SegmentsSent, long SegmentsRepeated, long CongestionWindow)
{
    internal static LegReading Of(in tcp_info info) => new(
        (long)info.tcpi_bytes_received,
        (long)info.tcpi_bytes_acked,
        info.tcpi_rtt,
        info.tcpi_data_segs_out,
        info.tcpi_total_retrans,
        info.tcpi_snd_cwnd);
}
