using System.Buffers.Binary;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Converter;

/// <summary>
/// What a packet says to one of the box's own connection attempts: a SYN/ACK, or an ICMP error that the destination cannot be reached (RFC 792, RFC 4443
/// section 3.1). The sockets keep neither the options of the one nor the code of the other.
/// </summary>
public readonly ref struct ServerAnswer
{
    private const int IcmpHeaderLength = 8;
    private const int PortsLength = 4;
    private const byte IcmpUnreachable = 3;
    private const byte Icmp6Unreachable = 1;
    private const byte ProtocolIcmp6 = 58;
    private const byte ProtocolIcmp = 1;
    private const ushort FragmentOffsetMask = 0x1FFF;

    /// <summary>The attempt, with the box as the client.</summary>
    public FlowKey Attempt { get; private init; }

    /// <summary>The code of the ICMP message; null if this is a SYN/ACK.</summary>
    public byte? UnreachableCode { get; private init; }

    /// <summary>The TCP options of the SYN/ACK, with padding.</summary>
    public ReadOnlySpan<byte> Options { get; private init; }

    /// <summary>Reads a packet that begins with its IP header; false if it is something else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out ServerAnswer answer)
    {
        const TcpFlags Asked = TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst;
        if (TcpPacket.Read(packet, out var tcp) != PacketDefect.None)
            return TryReadError(packet, out answer);
        answer = new ServerAnswer { Attempt = tcp.FlowFromServer, Options = tcp.Options };
        return (tcp.Flags & Asked) == (TcpFlags.Syn | TcpFlags.Ack);
    }

    private static bool TryReadError(ReadOnlySpan<byte> packet, out ServerAnswer answer)
    {
        answer = default;
        if (packet.IsEmpty || FindPayload(packet, ProtocolIcmp, ProtocolIcmp6) is not (> 0 and var offset))
            return false;
        var message = packet[offset..];
        var unreachable = packet[0] >> 4 == (int)IpProtocolVersion.V4 ? IcmpUnreachable : Icmp6Unreachable;
        if (message.Length < IcmpHeaderLength || message[0] != unreachable)
            return false;

        // What the error is about: the packet's IP header and at least eight octets behind it.
        var quoted = message[IcmpHeaderLength..];
        if (quoted.IsEmpty
            || quoted[0] >> 4 != packet[0] >> 4
            || FindPayload(quoted, IpConstants.ProtocolTcp, IpConstants.ProtocolTcp) is not (> 0 and var tcp)
            || quoted.Length < tcp + PortsLength)
            return false;
        var isIpv4 = quoted[0] >> 4 == (int)IpProtocolVersion.V4;
        answer = new ServerAnswer
        {
            Attempt = new FlowKey(
                new HostEndpoint(
                    AddressAt(quoted, isIpv4 ? IpConstants.Ipv4SourceOffset : IpConstants.Ipv6SourceOffset, isIpv4), PortAt(quoted, tcp)),
                new HostEndpoint(
                    AddressAt(quoted, isIpv4 ? IpConstants.Ipv4DestinationOffset : IpConstants.Ipv6DestinationOffset, isIpv4),
                    PortAt(quoted, tcp + TcpConstants.DestinationPortOffset))),
            UnreachableCode = message[1],
        };
        return true;
    }

    /// <returns>
    /// Where the payload begins; 0 if the packet is too short, carries something else, or an extension header, or is a fragment other than the first.
    /// </returns>
    private static int FindPayload(ReadOnlySpan<byte> packet, byte protocolOfIpv4, byte protocolOfIpv6)
    {
        switch ((IpProtocolVersion)(packet[0] >> 4))
        {
            case IpProtocolVersion.V4 when packet.Length >= IpConstants.Ipv4MinimumHeaderLength:
                var length = (packet[0] & 0x0F) * sizeof(uint);
                var fragment = BinaryPrimitives.ReadUInt16BigEndian(packet[IpConstants.Ipv4FragmentOffset..]) & FragmentOffsetMask;
                return packet[IpConstants.Ipv4ProtocolOffset] == protocolOfIpv4 && fragment == 0
                    && length >= IpConstants.Ipv4MinimumHeaderLength && length <= packet.Length
                    ? length
                    : 0;
            case IpProtocolVersion.V6 when packet.Length >= IpConstants.Ipv6HeaderLength:
                return packet[IpConstants.Ipv6NextHeaderOffset] == protocolOfIpv6 ? IpConstants.Ipv6HeaderLength : 0;
            default:
                return 0;
        }
    }

    private static HostAddress AddressAt(ReadOnlySpan<byte> packet, int offset, bool isIpv4) =>
        isIpv4 ? HostAddress.FromIpv4(packet[offset..]) : HostAddress.FromIpv6(packet[offset..]);

    private static PortNumber PortAt(ReadOnlySpan<byte> packet, int offset) => new(BinaryPrimitives.ReadUInt16BigEndian(packet[offset..]));
}
