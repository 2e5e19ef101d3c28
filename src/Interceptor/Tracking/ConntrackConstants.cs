namespace Middlebox.Interceptor.Tracking;

/// <summary>Numbers of the kernel's connection tracking protocol: linux/netfilter/nfnetlink_conntrack.h, nf_conntrack_tcp.h and linux/netlink.h.</summary>
internal static class ConntrackConstants
{
    public const int NFNL_SUBSYS_CTNETLINK = 1;

    public const ushort IPCTNL_MSG_CT_NEW = (NFNL_SUBSYS_CTNETLINK << 8) | 0;
    public const ushort IPCTNL_MSG_CT_GET = (NFNL_SUBSYS_CTNETLINK << 8) | 1;
    public const ushort IPCTNL_MSG_CT_DELETE = (NFNL_SUBSYS_CTNETLINK << 8) | 2;

    public const ushort NLM_F_EXCL = 0x200;
    public const ushort NLM_F_CREATE = 0x400;
    public const ushort NLA_F_NESTED = 0x8000;

    public const ushort CTA_TUPLE_ORIG = 1;
    public const ushort CTA_TUPLE_REPLY = 2;
    public const ushort CTA_PROTOINFO = 4;
    public const ushort CTA_HELP = 5;
    public const ushort CTA_NAT_SRC = 6;
    public const ushort CTA_TIMEOUT = 7;
    public const ushort CTA_MARK = 8;
    public const ushort CTA_NAT_DST = 13;
    public const ushort CTA_MARK_MASK = 21;

    public const ushort CTA_TUPLE_IP = 1;
    public const ushort CTA_TUPLE_PROTO = 2;
    public const ushort CTA_IP_V4_SRC = 1;
    public const ushort CTA_IP_V4_DST = 2;
    public const ushort CTA_IP_V6_SRC = 3;
    public const ushort CTA_IP_V6_DST = 4;
    public const ushort CTA_PROTO_NUM = 1;
    public const ushort CTA_PROTO_SRC_PORT = 2;
    public const ushort CTA_PROTO_DST_PORT = 3;

    public const ushort CTA_NAT_V4_MINIP = 1;
    public const ushort CTA_NAT_V4_MAXIP = 2;
    public const ushort CTA_NAT_PROTO = 3;
    public const ushort CTA_NAT_V6_MINIP = 4;
    public const ushort CTA_NAT_V6_MAXIP = 5;
    public const ushort CTA_PROTONAT_PORT_MIN = 1;
    public const ushort CTA_PROTONAT_PORT_MAX = 2;

    public const ushort CTA_PROTOINFO_TCP = 1;
    public const ushort CTA_PROTOINFO_TCP_STATE = 1;
    public const ushort CTA_PROTOINFO_TCP_FLAGS_ORIGINAL = 4;
    public const ushort CTA_PROTOINFO_TCP_FLAGS_REPLY = 5;

    public const byte IP_CT_TCP_FLAG_SACK_PERM = 0x02;
    public const byte IP_CT_TCP_FLAG_BE_LIBERAL = 0x08;

    public const byte TCP_CONNTRACK_SYN_RECV = 2;
    public const byte TCP_CONNTRACK_ESTABLISHED = 3;
    public const byte TCP_CONNTRACK_CLOSE_WAIT = 5;
}
