using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Middlebox.Interceptor.Rules;
using Middlebox.Native;
using static Middlebox.Interceptor.Queue.NfqueueConstants;

namespace Middlebox.Interceptor.Liveness;

/// <summary>The messages that put both halves of each family's address space into its <see cref="HeartbeatSet"/>, or renew them there.</summary>
internal static class HeartbeatMessages
{
    private const ushort IpsetAdd = (6 << 8) | 9;
    private const byte ProtocolVersion = 7;

    // Attributes of a command, of an element and of an address: linux/netfilter/ipset/ip_set.h.
    private const ushort Protocol = 1;
    private const ushort SetName = 2;
    private const ushort Data = 7;
    private const ushort Ip = 1;
    private const ushort Cidr = 3;
    private const ushort Timeout = 6;
    private const ushort Ipv4Address = 1;
    private const ushort Ipv6Address = 2;

    private const ushort Nested = 0x8000;
    private const ushort NetworkByteOrder = 0x4000;

    public static byte[] Write() =>
    [
        .. Add(RuleFamily.IPv4, firstByte: 0), .. Add(RuleFamily.IPv4, firstByte: 0x80),
        .. Add(RuleFamily.IPv6, firstByte: 0), .. Add(RuleFamily.IPv6, firstByte: 0x80),
    ];

    /// <param name="family">Which set.</param>
    /// <param name="firstByte">Where the half of the address space begins.</param>
    private static byte[] Add(RuleFamily family, byte firstByte)
    {
        var isIpv4 = family == RuleFamily.IPv4;
        var address = new byte[isIpv4 ? 4 : 16];
        address[0] = firstByte;
        var seconds = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(seconds, (uint)HeartbeatSet.Lifetime.TotalSeconds);
        byte[] element =
        [
            .. Attribute(Ip | Nested, Attribute((ushort)((isIpv4 ? Ipv4Address : Ipv6Address) | NetworkByteOrder), address)),
            .. Attribute(Cidr, [1]),
            .. Attribute(Timeout | NetworkByteOrder, seconds),
        ];
        byte[] attributes =
        [
            .. Attribute(Protocol, [ProtocolVersion]),
            .. Attribute(SetName, [.. Encoding.ASCII.GetBytes(HeartbeatSet.Name(family)), 0]),
            .. Attribute(Data | Nested, element),
        ];

        var message = new byte[NLMSG_HDRLEN + NFGENMSG_LEN + attributes.Length];
        MemoryMarshal.Write(message, (uint)message.Length);
        MemoryMarshal.Write(message.AsSpan(4), IpsetAdd);
        MemoryMarshal.Write(message.AsSpan(6), NLM_F_REQUEST);
        message[NLMSG_HDRLEN] = (byte)(isIpv4 ? Libc.AF_INET : Libc.AF_INET6);
        attributes.CopyTo(message, NLMSG_HDRLEN + NFGENMSG_LEN);
        return message;
    }

    private static byte[] Attribute(ushort type, byte[] value)
    {
        var attribute = new byte[Align(NLA_HDRLEN + value.Length)];
        MemoryMarshal.Write(attribute, (ushort)(NLA_HDRLEN + value.Length));
        MemoryMarshal.Write(attribute.AsSpan(2), type);
        value.CopyTo(attribute, NLA_HDRLEN);
        return attribute;
    }
}
