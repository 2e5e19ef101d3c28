namespace Middlebox.Interceptor.Queue;

/// <summary>Numbers of the kernel's queue protocol: linux/netlink.h, linux/netfilter/nfnetlink.h and nfnetlink_queue.h.</summary>
internal static class NfqueueConstants
{
    public const int NETLINK_NETFILTER = 12;
    public const int NFNL_SUBSYS_QUEUE = 3;

    public const int NLMSG_HDRLEN = 16;
    public const int NFGENMSG_LEN = 4;
    public const int NLA_HDRLEN = 4;
    public const int NLA_TYPE_MASK = 0x3fff;

    public const ushort NLMSG_ERROR = 2;
    public const ushort NLM_F_REQUEST = 1;
    public const ushort NLM_F_ACK = 4;

    public const ushort NFQNL_MSG_PACKET = (NFNL_SUBSYS_QUEUE << 8) | 0;
    public const ushort NFQNL_MSG_VERDICT = (NFNL_SUBSYS_QUEUE << 8) | 1;
    public const ushort NFQNL_MSG_CONFIG = (NFNL_SUBSYS_QUEUE << 8) | 2;
    public const ushort NFQNL_MSG_VERDICT_BATCH = (NFNL_SUBSYS_QUEUE << 8) | 3;

    public const ushort NFQA_PACKET_HDR = 1;
    public const ushort NFQA_VERDICT_HDR = 2;
    public const ushort NFQA_PAYLOAD = 10;

    /// <summary>There only if less of the packet was copied than there is.</summary>
    public const ushort NFQA_CAP_LEN = 13;

    public const ushort NFQA_CFG_CMD = 1;
    public const ushort NFQA_CFG_PARAMS = 2;
    public const ushort NFQA_CFG_QUEUE_MAXLEN = 3;
    public const ushort NFQA_CFG_MASK = 4;
    public const ushort NFQA_CFG_FLAGS = 5;

    public const byte NFQNL_CFG_CMD_BIND = 1;
    public const byte NFQNL_COPY_PACKET = 2;
    public const uint NFQA_CFG_F_FAIL_OPEN = 1;

    public const uint NF_DROP = 0;
    public const uint NF_ACCEPT = 1;

    /// <summary>Netlink messages and attributes begin at multiples of 4 bytes.</summary>
    public static int Align(int length) => (length + 3) & ~3;
}
