using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>struct mptcp_info of linux/mptcp.h. Fields that an older kernel does not know stay 0.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct mptcp_info
{
    /// <summary>Set in <see cref="mptcpi_flags"/> when the connection has fallen back to TCP.</summary>
    public const uint MPTCP_INFO_FLAG_FALLBACK = 1;

    public byte mptcpi_subflows;
    public byte mptcpi_add_addr_signal;
    public byte mptcpi_add_addr_accepted;
    public byte mptcpi_subflows_max;
    public byte mptcpi_add_addr_signal_max;
    public byte mptcpi_add_addr_accepted_max;
    public uint mptcpi_flags;
    public uint mptcpi_token;
    public ulong mptcpi_write_seq;
    public ulong mptcpi_snd_una;
    public ulong mptcpi_rcv_nxt;
    public byte mptcpi_local_addr_used;
    public byte mptcpi_local_addr_max;
    public byte mptcpi_csum_enabled;
    public uint mptcpi_retransmits;
    public ulong mptcpi_bytes_retrans;
    public ulong mptcpi_bytes_sent;
    public ulong mptcpi_bytes_received;
    public ulong mptcpi_bytes_acked;
    public byte mptcpi_subflows_total;
}
