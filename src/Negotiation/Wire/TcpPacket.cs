using System.Buffers.Binary;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Wire;

// A view on one IP packet that carries a whole TCP header. Read checks every length once; the members then index
// without a chance of leaving the packet. Nothing is copied. RFC 791, RFC 9293, and RFC 8200 with the extension headers
// of its section 4.

/// <summary>A TCP segment in an IPv4 or IPv6 packet. Made by <see cref="Read"/> only.</summary>
public readonly ref struct TcpPacket
{
    private readonly ReadOnlySpan<byte> _tcp;
    private readonly int _tcpHeaderLength;

    private TcpPacket(ReadOnlySpan<byte> bytes, int tcpOffset, int tcpHeaderLength, bool isAuthenticated)
    {
        Bytes = bytes;
        TcpOffset = tcpOffset;
        IsAuthenticated = isAuthenticated;
        _tcp = bytes[tcpOffset..];
        _tcpHeaderLength = tcpHeaderLength;
    }

    /// <summary>The packet, exactly as long as its IP header says.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Where the TCP header begins, from the start of the packet; always even.</summary>
    public int TcpOffset { get; }

    /// <summary>
    /// Whether an IPv6 authentication header covers the packet (RFC 4302): an edit would make it worthless.
    /// </summary>
    public bool IsAuthenticated { get; }

    public IpProtocolVersion Version => (IpProtocolVersion)(Bytes[0] >> 4);

    /// <summary>DSCP and ECN: the type of service of IPv4, the traffic class of IPv6.</summary>
    public byte TrafficClass => Version == IpProtocolVersion.V4
        ? Bytes[IpConstants.Ipv4TrafficClassOffset]
        : (byte)(BinaryPrimitives.ReadUInt16BigEndian(Bytes) >> 4);

    public HostEndpoint Source => new(
        Version == IpProtocolVersion.V4
            ? HostAddress.FromIpv4(Bytes[IpConstants.Ipv4SourceOffset..])
            : HostAddress.FromIpv6(Bytes[IpConstants.Ipv6SourceOffset..]),
        new PortNumber(BinaryPrimitives.ReadUInt16BigEndian(_tcp[TcpConstants.SourcePortOffset..])));

    public HostEndpoint Destination => new(
        Version == IpProtocolVersion.V4
            ? HostAddress.FromIpv4(Bytes[IpConstants.Ipv4DestinationOffset..])
            : HostAddress.FromIpv6(Bytes[IpConstants.Ipv6DestinationOffset..]),
        new PortNumber(BinaryPrimitives.ReadUInt16BigEndian(_tcp[TcpConstants.DestinationPortOffset..])));

    /// <summary>The flow, for a packet that the client sent.</summary>
    public FlowKey FlowFromClient => new(Source, Destination);

    /// <summary>The flow, for a packet that the server sent.</summary>
    public FlowKey FlowFromServer => new(Destination, Source);

    public uint Sequence => BinaryPrimitives.ReadUInt32BigEndian(_tcp[TcpConstants.SequenceOffset..]);

    public uint Acknowledgment => BinaryPrimitives.ReadUInt32BigEndian(_tcp[TcpConstants.AcknowledgmentOffset..]);

    public TcpFlags Flags => (TcpFlags)_tcp[TcpConstants.FlagsOffset];

    /// <summary>The window field as it stands, not scaled.</summary>
    public ushort Window => BinaryPrimitives.ReadUInt16BigEndian(_tcp[TcpConstants.WindowOffset..]);

    /// <summary>The options with their padding: 0 to 40 octets.</summary>
    public ReadOnlySpan<byte> Options => _tcp[TcpConstants.MinimumHeaderLength.._tcpHeaderLength];

    public ReadOnlySpan<byte> Payload => _tcp[_tcpHeaderLength..];

    /// <summary>Octets behind the TCP header.</summary>
    public int PayloadLength => _tcp.Length - _tcpHeaderLength;

    /// <summary>Reads a packet that begins with its IP header. Octets behind the IP length are left out.</summary>
    /// <returns><see cref="PacketDefect.None"/>, or why <paramref name="tcp"/> must not be used.</returns>
    /// <remarks>Checksums are not looked at.</remarks>
    public static PacketDefect Read(ReadOnlySpan<byte> packet, out TcpPacket tcp)
    {
        tcp = default;
        var defect = IpHeader.Read(packet, out var ip);
        if (defect != PacketDefect.None)
            return defect;

        var segment = packet[ip.PayloadOffset..ip.TotalLength];
        if (segment.Length < TcpConstants.MinimumHeaderLength)
            return PacketDefect.Truncated;

        var headerLength = (segment[TcpConstants.DataOffsetOffset] >> 4) * sizeof(uint);
        if (headerLength < TcpConstants.MinimumHeaderLength || headerLength > segment.Length)
            return PacketDefect.BadHeaderLength;

        tcp = new TcpPacket(packet[..ip.TotalLength], ip.PayloadOffset, headerLength, ip.IsAuthenticated);
        return PacketDefect.None;
    }
}
