using Middlebox.Native;

namespace Middlebox.ProxyEngine.Paths;

/// <summary>What the kernel has counted of one TCP connection or one subflow since it began.</summary>
/// <param name="BytesReceived">Bytes taken from the peer, each once.</param>
/// <param name="BytesAcknowledged">Bytes that the peer has acknowledged.</param>
/// <param name="RoundTripMicroseconds">Smoothed round-trip time in microseconds.</param>
/// <param name="SegmentsSent">Segments with data, repetitions included.</param>
/// <param name="SegmentsRepeated">Segments sent again: the loss towards the peer, as far as the sender noticed.</param>
/// <param name="CongestionWindow">In segments.</param>
/// <param name="BytesInFlight">Sent and not acknowledged, in whole segments.</param>
/// <param name="PeerWindow">Bytes that the peer has room for: with MPTCP, over all subflows.</param>
public readonly record struct LegReading(
    long BytesReceived, long BytesAcknowledged, long RoundTripMicroseconds, long SegmentsSent, long SegmentsRepeated, long CongestionWindow,
    long BytesInFlight = 0, long PeerWindow = 0)
{
    internal static LegReading Of(in tcp_info info) => new(
        (long)info.tcpi_bytes_received,
        (long)info.tcpi_bytes_acked,
        info.tcpi_rtt,
        info.tcpi_data_segs_out,
        info.tcpi_total_retrans,
        info.tcpi_snd_cwnd,
        (long)info.tcpi_unacked * info.tcpi_snd_mss,
        info.tcpi_snd_wnd);
}
