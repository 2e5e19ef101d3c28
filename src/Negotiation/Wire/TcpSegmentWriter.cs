using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

/// <summary>Builds whole IPv4 and IPv6 packets with one TCP segment (RFC 791, RFC 8200, RFC 9293).</summary>
public static class TcpSegmentWriter
{
    /// <summary>Octets of the packet that <see cref="Write"/> would build.</summary>
    public static int LengthOf(in TcpSegmentFields fields, int optionsLength, int payloadLength) =>
        IpHeaderLength(fields) + TcpHeaderLength(optionsLength) + payloadLength;

    /// <summary>
    /// Writes a packet with right checksums, hop count 64, no extension headers, and for IPv4 Don't Fragment and id 0
    /// (RFC 6864 section 4.1).
    /// </summary>
    /// <param name="buffer">Where to, from its start.</param>
    /// <param name="fields">The header fields.</param>
    /// <param name="options">0 to 40 octets; NOPs are added up to a multiple of four.</param>
    /// <param name="payload">What follows the header.</param>
    /// <returns>Octets of the packet.</returns>
    /// <exception cref="ArgumentException">
    /// The addresses are of two families, the options or the packet are too long, or the buffer is too short.
    /// </exception>
    public static int Write(
        Span<byte> buffer, in TcpSegmentFields fields, ReadOnlySpan<byte> options, ReadOnlySpan<byte> payload)
    {
        if (fields.Source.Address.IsIpv4 != fields.Destination.Address.IsIpv4)
            throw new ArgumentException("Source and destination are of two address families.", nameof(fields));
        if (options.Length > TcpConstants.MaximumOptionsLength)
            throw new ArgumentException("The options do not fit into a TCP header.", nameof(options));

        var length = LengthOf(fields, options.Length, payload.Length);
        if (length > ushort.MaxValue)
            throw new ArgumentException("The packet is longer than IP can say.", nameof(payload));
        if (length > buffer.Length)
            throw new ArgumentException("The buffer is too short.", nameof(buffer));

        var packet = buffer[..length];
        var tcpOffset = IpHeaderLength(fields);
        if (fields.Source.Address.IsIpv4)
            WriteIpv4(packet, fields);
        else
            WriteIpv6(packet, fields);

        WriteTcp(packet[tcpOffset..], fields, options, payload);
        BinaryPrimitives.WriteUInt16BigEndian(
            packet[(tcpOffset + TcpConstants.ChecksumOffset)..], InternetChecksum.TcpChecksum(packet, tcpOffset));
        return length;
    }

    private static int IpHeaderLength(in TcpSegmentFields fields) =>
        fields.Source.Address.IsIpv4 ? IpConstants.Ipv4MinimumHeaderLength : IpConstants.Ipv6HeaderLength;

    private static int TcpHeaderLength(int optionsLength) =>
        TcpConstants.MinimumHeaderLength + ((optionsLength + sizeof(uint) - 1) & ~(sizeof(uint) - 1));

    private static void WriteIpv4(Span<byte> packet, in TcpSegmentFields fields)
    {
        var header = packet[..IpConstants.Ipv4MinimumHeaderLength];
        header.Clear();
        header[0] = ((int)IpProtocolVersion.V4 << 4) | (IpConstants.Ipv4MinimumHeaderLength / sizeof(uint));
        header[IpConstants.Ipv4TrafficClassOffset] = fields.TrafficClass;
        BinaryPrimitives.WriteUInt16BigEndian(header[IpConstants.Ipv4TotalLengthOffset..], (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(
            header[IpConstants.Ipv4FragmentOffset..], IpConstants.Ipv4DontFragment);
        header[IpConstants.Ipv4TimeToLiveOffset] = IpConstants.DefaultTimeToLive;
        header[IpConstants.Ipv4ProtocolOffset] = IpConstants.ProtocolTcp;
        fields.Source.Address.WriteTo(header[IpConstants.Ipv4SourceOffset..]);
        fields.Destination.Address.WriteTo(header[IpConstants.Ipv4DestinationOffset..]);
        BinaryPrimitives.WriteUInt16BigEndian(
            header[IpConstants.Ipv4ChecksumOffset..], InternetChecksum.Compute(header));
    }

    private static void WriteIpv6(Span<byte> packet, in TcpSegmentFields fields)
    {
        var versionAndClass = ((uint)IpProtocolVersion.V6 << 28) | ((uint)fields.TrafficClass << 20);
        BinaryPrimitives.WriteUInt32BigEndian(packet, versionAndClass);
        BinaryPrimitives.WriteUInt16BigEndian(
            packet[IpConstants.Ipv6PayloadLengthOffset..], (ushort)(packet.Length - IpConstants.Ipv6HeaderLength));
        packet[IpConstants.Ipv6NextHeaderOffset] = IpConstants.ProtocolTcp;
        packet[IpConstants.Ipv6HopLimitOffset] = IpConstants.DefaultTimeToLive;
        fields.Source.Address.WriteTo(packet[IpConstants.Ipv6SourceOffset..]);
        fields.Destination.Address.WriteTo(packet[IpConstants.Ipv6DestinationOffset..]);
    }

    private static void WriteTcp(
        Span<byte> segment, in TcpSegmentFields fields, ReadOnlySpan<byte> options, ReadOnlySpan<byte> payload)
    {
        var header = segment[..^payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(header[TcpConstants.SourcePortOffset..], fields.Source.Port.Value);
        BinaryPrimitives.WriteUInt16BigEndian(
            header[TcpConstants.DestinationPortOffset..], fields.Destination.Port.Value);
        BinaryPrimitives.WriteUInt32BigEndian(header[TcpConstants.SequenceOffset..], fields.Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(header[TcpConstants.AcknowledgmentOffset..], fields.Acknowledgment);
        header[TcpConstants.DataOffsetOffset] = (byte)(header.Length / sizeof(uint) << 4);
        header[TcpConstants.FlagsOffset] = (byte)fields.Flags;
        BinaryPrimitives.WriteUInt16BigEndian(header[TcpConstants.WindowOffset..], fields.Window);
        header[TcpConstants.UrgentPointerOffset..TcpConstants.MinimumHeaderLength].Clear();
        var area = header[TcpConstants.MinimumHeaderLength..];
        options.CopyTo(area);
        area[options.Length..].Fill((byte)TcpOptionKind.NoOperation);
        payload.CopyTo(segment[header.Length..]);
    }
}
