using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Middlebox.Negotiation.Addresses;
using static Middlebox.Interceptor.Queue.NfqueueConstants;
using static Middlebox.Interceptor.Tracking.ConntrackConstants;

namespace Middlebox.Interceptor.Tracking;

/// <summary>What the kernel tells of a tracked connection.</summary>
/// <param name="AnswersFrom">The other side: the server.</param>
/// <param name="AnswersTo">Where its segments go: the client as the server sees it.</param>
/// <param name="State">State of the TCP connection, TCP_CONNTRACK_*.</param>
/// <param name="HasHelper">Whether the kernel reads what is in its segments, as for FTP.</param>
internal readonly record struct ConntrackEntry(HostEndpoint AnswersFrom, HostEndpoint AnswersTo, byte State, bool HasHelper = false)
{
    /// <summary>Whether both sides have begun it, and neither has ended it.</summary>
    public bool IsAlive => State is >= TCP_CONNTRACK_SYN_RECV and <= TCP_CONNTRACK_CLOSE_WAIT;

    /// <summary>Whether the kernel can do without its segments: it is set up, ended by nobody, and nothing in them is of interest.</summary>
    public bool IsCarriable => State == TCP_CONNTRACK_ESTABLISHED && !HasHelper;

    /// <summary>Reads the attributes of a message; false if something is missing.</summary>
    public static bool TryRead(ReadOnlySpan<byte> attributes, out ConntrackEntry entry)
    {
        entry = default;
        var answers = Find(attributes, CTA_TUPLE_REPLY);
        var addresses = Find(answers, CTA_TUPLE_IP);
        var ports = Find(answers, CTA_TUPLE_PROTO);
        if (!TryReadEnd(Find(addresses, CTA_IP_V4_SRC), Find(addresses, CTA_IP_V6_SRC), Find(ports, CTA_PROTO_SRC_PORT), out var from)
            || !TryReadEnd(Find(addresses, CTA_IP_V4_DST), Find(addresses, CTA_IP_V6_DST), Find(ports, CTA_PROTO_DST_PORT), out var to))
            return false;
        var state = Find(Find(Find(attributes, CTA_PROTOINFO), CTA_PROTOINFO_TCP), CTA_PROTOINFO_TCP_STATE);
        entry = new ConntrackEntry(from, to, state.Length == 1 ? state[0] : (byte)0, !Find(attributes, CTA_HELP).IsEmpty);
        return true;
    }

    private static bool TryReadEnd(ReadOnlySpan<byte> ipv4, ReadOnlySpan<byte> ipv6, ReadOnlySpan<byte> port, out HostEndpoint end)
    {
        end = default;
        if (port.Length != sizeof(ushort) || (ipv4.Length != HostAddress.Ipv4Length && ipv6.Length != HostAddress.Ipv6Length))
            return false;
        var address = ipv4.Length == HostAddress.Ipv4Length ? HostAddress.FromIpv4(ipv4) : HostAddress.FromIpv6(ipv6);
        end = new HostEndpoint(address, new PortNumber(BinaryPrimitives.ReadUInt16BigEndian(port)));
        return true;
    }

    /// <summary>The value of an attribute; empty if there is none.</summary>
    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> attributes, int type)
    {
        while (attributes.Length >= NLA_HDRLEN)
        {
            var length = MemoryMarshal.Read<ushort>(attributes);
            if (length < NLA_HDRLEN || length > attributes.Length)
                return [];
            if ((MemoryMarshal.Read<ushort>(attributes[2..]) & NLA_TYPE_MASK) == type)
                return attributes[NLA_HDRLEN..length];
            attributes = attributes[Math.Min(Align(length), attributes.Length)..];
        }

        return [];
    }
}
