using System.Buffers.Binary;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Wire;

/// <summary>Where the TCP segment of an IP packet begins and ends.</summary>
/// <param name="PayloadOffset">Octets of the IP header and the headers between it and TCP.</param>
/// <param name="TotalLength">Octets of the packet as its header says; never beyond the packet.</param>
/// <param name="IsAuthenticated">Whether one of the headers between is an authentication header.</param>
internal readonly record struct IpHeader(int PayloadOffset, int TotalLength, bool IsAuthenticated)
{
    public static PacketDefect Read(ReadOnlySpan<byte> packet, out IpHeader header)
    {
        header = default;
        if (packet.IsEmpty)
            return PacketDefect.Truncated;

        return (IpProtocolVersion)(packet[0] >> 4) switch
        {
            IpProtocolVersion.V4 => ReadIpv4(packet, out header),
            IpProtocolVersion.V6 => ReadIpv6(packet, out header),
            _ => PacketDefect.NotIp,
        };
    }

    private static PacketDefect ReadIpv4(ReadOnlySpan<byte> packet, out IpHeader header)
    {
        header = default;
        if (packet.Length < IpConstants.Ipv4MinimumHeaderLength)
            return PacketDefect.Truncated;

        var headerLength = (packet[0] & 0x0F) * sizeof(uint);
        if (headerLength < IpConstants.Ipv4MinimumHeaderLength)
            return PacketDefect.BadHeaderLength;

        var totalLength = BinaryPrimitives.ReadUInt16BigEndian(packet[IpConstants.Ipv4TotalLengthOffset..]);
        if (totalLength < headerLength || totalLength > packet.Length)
            return PacketDefect.BadTotalLength;

        var fragment = BinaryPrimitives.ReadUInt16BigEndian(packet[IpConstants.Ipv4FragmentOffset..]);
        if ((fragment & IpConstants.Ipv4FragmentMask) != 0)
            return PacketDefect.Fragment;

        if (packet[IpConstants.Ipv4ProtocolOffset] != IpConstants.ProtocolTcp)
            return PacketDefect.NotTcp;

        header = new IpHeader(headerLength, totalLength, IsAuthenticated: false);
        return PacketDefect.None;
    }

    private static PacketDefect ReadIpv6(ReadOnlySpan<byte> packet, out IpHeader header)
    {
        header = default;
        if (packet.Length < IpConstants.Ipv6HeaderLength)
            return PacketDefect.Truncated;

        var totalLength = IpConstants.Ipv6HeaderLength
            + BinaryPrimitives.ReadUInt16BigEndian(packet[IpConstants.Ipv6PayloadLengthOffset..]);
        if (totalLength > packet.Length)
            return PacketDefect.BadTotalLength;

        if (HostAddress.FromIpv6(packet[IpConstants.Ipv6SourceOffset..]).IsIpv4
            || HostAddress.FromIpv6(packet[IpConstants.Ipv6DestinationOffset..]).IsIpv4)
            return PacketDefect.MappedAddress;

        return WalkExtensionHeaders(packet[..totalLength], out header);
    }

    private static PacketDefect WalkExtensionHeaders(ReadOnlySpan<byte> packet, out IpHeader header)
    {
        header = default;
        var offset = IpConstants.Ipv6HeaderLength;
        var next = packet[IpConstants.Ipv6NextHeaderOffset];
        var isAuthenticated = false;
        for (var headers = 0; next != IpConstants.ProtocolTcp; headers++)
        {
            if (!IsExtensionHeader(next))
                return PacketDefect.NotTcp;
            if (next == IpConstants.ProtocolFragment)
                return PacketDefect.Fragment;
            if (headers == IpConstants.MaximumExtensionHeaders)
                return PacketDefect.TooManyExtensionHeaders;

            var rest = packet[offset..];
            if (rest.Length < IpConstants.ExtensionHeaderUnit)
                return PacketDefect.Truncated;
            if (next == IpConstants.ProtocolRouting && rest[IpConstants.RoutingSegmentsLeftOffset] != 0)
                return PacketDefect.SourceRouted;

            var length = LengthOf(next, rest[1]);
            if (length > rest.Length)
                return PacketDefect.BadHeaderLength;

            isAuthenticated |= next == IpConstants.ProtocolAuthentication;
            next = rest[0];
            offset += length;
        }

        header = new IpHeader(offset, packet.Length, isAuthenticated);
        return PacketDefect.None;
    }

    private static bool IsExtensionHeader(byte protocol) => protocol
        is IpConstants.ProtocolHopByHop
        or IpConstants.ProtocolRouting
        or IpConstants.ProtocolFragment
        or IpConstants.ProtocolAuthentication
        or IpConstants.ProtocolDestinationOptions;

    // Both forms leave the first eight octets out of the count.
    private static int LengthOf(byte protocol, byte lengthField) => protocol == IpConstants.ProtocolAuthentication
        ? IpConstants.ExtensionHeaderUnit + (lengthField * IpConstants.AuthenticationHeaderUnit)
        : IpConstants.ExtensionHeaderUnit + (lengthField * IpConstants.ExtensionHeaderUnit);
}
