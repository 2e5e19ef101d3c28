using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Middlebox.Native;

namespace Middlebox.ProxyEngine.Paths;

/// <summary>
/// Asks the kernel for what no socket option of a connection tells of its subflows: sock_diag(7) with the attributes of linux/inet_diag.h and linux/mptcp.h.
/// </summary>
public static class SubflowDiagnosis
{
    private const int NETLINK_SOCK_DIAG = 4;
    private const ushort SOCK_DIAG_BY_FAMILY = 20;
    private const ushort NLM_F_REQUEST = 1;
    private const int INET_DIAG_INFO = 2;
    private const int INET_DIAG_ULP_INFO = 19;
    private const int INET_ULP_INFO_MPTCP = 3;
    private const int MPTCP_SUBFLOW_ATTR_FLAGS = 8;
    private const uint MPTCP_SUBFLOW_FLAG_BKUP_REM = 1 << 4;
    private const uint MPTCP_SUBFLOW_FLAG_BKUP_LOC = 1 << 5;
    private const ushort NLA_TYPE_MASK = 0x3fff;

    private const int HeaderLength = 16;
    private const int AttributeHeaderLength = 4;

    /// <summary>struct inet_diag_req_v2.</summary>
    private const int RequestLength = 56;

    /// <summary>struct inet_diag_msg.</summary>
    private const int AnswerLength = 72;

    /// <summary>Whether a subflow is a backup, as either side may ask (RFC 8684 section 3.3.8); null if the kernel does not tell.</summary>
    public static bool? IsBackup(in Subflow subflow)
    {
        using var socket = Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
        if (socket.IsInvalid)
            return null;
        Span<byte> request = stackalloc byte[HeaderLength + RequestLength];
        Write(request, in subflow);
        if (Libc.send(socket, in request[0], request.Length, 0) < 0)
            return null;
        // The kernel has answered before send(2) returns.
        Span<byte> answer = stackalloc byte[4096];
        var length = (int)Libc.recv(socket, ref answer[0], answer.Length, Libc.MSG_DONTWAIT);
        if (length < HeaderLength + AnswerLength || MemoryMarshal.Read<ushort>(answer[4..]) != SOCK_DIAG_BY_FAMILY)
            return null;
        var attributes = answer[(HeaderLength + AnswerLength)..length];
        var flags = Find(Find(Find(attributes, INET_DIAG_ULP_INFO), INET_ULP_INFO_MPTCP), MPTCP_SUBFLOW_ATTR_FLAGS);
        return flags.Length < sizeof(uint)
            ? null
            : (MemoryMarshal.Read<uint>(flags) & (MPTCP_SUBFLOW_FLAG_BKUP_REM | MPTCP_SUBFLOW_FLAG_BKUP_LOC)) != 0;
    }

    private static void Write(Span<byte> request, in Subflow subflow)
    {
        request.Clear();
        MemoryMarshal.Write(request, request.Length);
        MemoryMarshal.Write(request[4..], SOCK_DIAG_BY_FAMILY);
        MemoryMarshal.Write(request[6..], NLM_F_REQUEST);
        var body = request[HeaderLength..];
        body[0] = (byte)(subflow.Local.Address.IsIpv4 ? Libc.AF_INET : Libc.AF_INET6);
        body[1] = Libc.IPPROTO_TCP;
        // Without this, which asks for tcp_info, Linux leaves out what belongs to MPTCP too.
        body[2] = 1 << (INET_DIAG_INFO - 1);
        // Every state.
        MemoryMarshal.Write(body[4..], uint.MaxValue);
        BinaryPrimitives.WriteUInt16BigEndian(body[8..], subflow.Local.Port.Value);
        BinaryPrimitives.WriteUInt16BigEndian(body[10..], subflow.Remote.Port.Value);
        subflow.Local.Address.WriteTo(body[12..]);
        subflow.Remote.Address.WriteTo(body[28..]);
        // INET_DIAG_NOCOOKIE
        MemoryMarshal.Write(body[48..], ulong.MaxValue);
    }

    /// <summary>The contents of an attribute; empty if there is none.</summary>
    private static Span<byte> Find(Span<byte> attributes, int type)
    {
        while (attributes.Length >= AttributeHeaderLength)
        {
            int length = MemoryMarshal.Read<ushort>(attributes);
            if (length < AttributeHeaderLength || length > attributes.Length)
                break;
            if ((MemoryMarshal.Read<ushort>(attributes[2..]) & NLA_TYPE_MASK) == type)
                return attributes[AttributeHeaderLength..length];
            attributes = attributes[Math.Min((length + 3) & ~3, attributes.Length)..];
        }

        return [];
    }
}
