using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>The beginning of struct tcp_info of linux/tcp.h. Fields that an older kernel does not know stay 0.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct tcp_info
{
    /// <summary>A value of <see cref="tcpi_state"/>: the SYN has been answered, and the third segment of the handshake has not come.</summary>
    public const byte TCP_SYN_RECV = 3;

    public byte tcpi_state;
    public byte tcpi_ca_state;
    public byte tcpi_retransmits;
    public byte tcpi_probes;
    public byte tcpi_backoff;
    public byte tcpi_options;
    public byte tcpi_wscale;
    public byte tcpi_flags;

    public uint tcpi_rto;
    public uint tcpi_ato;
    public uint tcpi_snd_mss;
    public uint tcpi_rcv_mss;

    public uint tcpi_unacked;
    public uint tcpi_sacked;
    public uint tcpi_lost;
    public uint tcpi_retrans;
    public uint tcpi_fackets;

    public uint tcpi_last_data_sent;
    public uint tcpi_last_ack_sent;
    public uint tcpi_last_data_recv;
    public uint tcpi_last_ack_recv;

    public uint tcpi_pmtu;
    public uint tcpi_rcv_ssthresh;

    /// <summary>Smoothed round-trip time in microseconds.</summary>
    public uint tcpi_rtt;
    public uint tcpi_rttvar;
    public uint tcpi_snd_ssthresh;

    /// <summary>In segments.</summary>
    public uint tcpi_snd_cwnd;
    public uint tcpi_advmss;
    public uint tcpi_reordering;
    public uint tcpi_rcv_rtt;
    public uint tcpi_rcv_space;

    /// <summary>Segments sent again.</summary>
    public uint tcpi_total_retrans;
    public ulong tcpi_pacing_rate;
    public ulong tcpi_max_pacing_rate;
    public ulong tcpi_bytes_acked;
    public ulong tcpi_bytes_received;
    public uint tcpi_segs_out;
    public uint tcpi_segs_in;
    public uint tcpi_notsent_bytes;
    public uint tcpi_min_rtt;
    public uint tcpi_data_segs_in;

    /// <summary>Segments with data that were sent, repetitions included.</summary>
    public uint tcpi_data_segs_out;
    public ulong tcpi_delivery_rate;
    public ulong tcpi_busy_time;
    public ulong tcpi_rwnd_limited;
    public ulong tcpi_sndbuf_limited;
    public uint tcpi_delivered;
    public uint tcpi_delivered_ce;
    public ulong tcpi_bytes_sent;
    public ulong tcpi_bytes_retrans;
    public uint tcpi_dsack_dups;
    public uint tcpi_reord_seen;
    public uint tcpi_rcv_ooopack;

    /// <summary>The peer's window in bytes.</summary>
    public uint tcpi_snd_wnd;
}
