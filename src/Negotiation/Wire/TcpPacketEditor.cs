using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

// Edits in place, checksums by difference (RFC 1624): a payload is never read, and a checksum that was wrong before
// stays wrong by as much, so that damage on the path is still found at the end of it. Packets must be ones that
// TcpPacket.Read took. Option offsets may be odd; sums are taken over the aligned words around a change. A packet
// with an authentication header (TcpPacket.IsAuthenticated) must not be edited.

/// <summary>Changes the options of TCP packets and keeps lengths and checksums right.</summary>
public static class TcpPacketEditor
{
    /// <summary>Overwrites an option by NOPs. The packet's length stays.</summary>
    /// <param name="packet">A packet that begins with its IP header.</param>
    /// <param name="tcpOffset">Where the TCP header begins.</param>
    /// <param name="optionOffset">Where the option begins, from the start of the options.</param>
    /// <param name="length">Octets of the option.</param>
    /// <exception cref="ArgumentOutOfRangeException">The option does not lie within the options.</exception>
    public static void BlankOption(Span<byte> packet, int tcpOffset, int optionOffset, int length)
    {
        var segment = packet[tcpOffset..];
        var start = CheckOption(segment, optionOffset, length);
        var before = SumAround(segment, start, length);
        segment.Slice(start, length).Fill((byte)TcpOptionKind.NoOperation);
        MendTcpChecksum(segment, before, SumAround(segment, start, length));
    }

    /// <summary>
    /// Takes an option out. The options behind it move up, NOPs at their end keep the header a multiple of four octets.
    /// Parameters as in <see cref="BlankOption"/>.
    /// </summary>
    /// <returns>Octets of the packet now.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The option does not lie within the options.</exception>
    public static int RemoveOption(Span<byte> packet, int tcpOffset, int optionOffset, int length)
    {
        var packetLength = TotalLengthOf(packet);
        var segment = packet[tcpOffset..packetLength];
        var start = CheckOption(segment, optionOffset, length);
        var headerLength = HeaderLengthOf(segment);
        var newHeaderLength = RoundUp(headerLength - length);
        var before = SumWithLength(segment, headerLength);

        segment[(start + length)..headerLength].CopyTo(segment[start..]);
        segment[(headerLength - length)..newHeaderLength].Fill((byte)TcpOptionKind.NoOperation);
        segment[headerLength..].CopyTo(segment[newHeaderLength..]);
        return Resize(packet, tcpOffset, packetLength, headerLength, newHeaderLength, before);
    }

    /// <summary>Whether <see cref="TryAppendOption"/> finds room for an option among those of a TCP header.</summary>
    /// <param name="options">The present options with their padding.</param>
    /// <param name="length">Octets of the new one.</param>
    public static bool HasRoomForOption(ReadOnlySpan<byte> options, int length) =>
        TryFindPadding(options, out var used) && RoundUp(used + length) <= TcpConstants.MaximumOptionsLength;

    /// <summary>
    /// Adds an option behind the others, in the place of padding at their end as far as there is any. What is before
    /// stays as and where it is.
    /// </summary>
    /// <param name="buffer">The packet and room to grow.</param>
    /// <param name="packetLength">Octets of the packet in it, as its IP header says.</param>
    /// <param name="tcpOffset">Where the TCP header begins.</param>
    /// <param name="option">The option with its kind and length octets.</param>
    /// <param name="newLength">Octets of the packet now; <paramref name="packetLength"/> if nothing was added.</param>
    /// <returns>
    /// False, and no change, when the header, the IP length field or the buffer has no room, or the present options are
    /// malformed.
    /// </returns>
    public static bool TryAppendOption(
        Span<byte> buffer, int packetLength, int tcpOffset, ReadOnlySpan<byte> option, out int newLength)
    {
        newLength = packetLength;
        var segment = buffer[tcpOffset..packetLength];
        var headerLength = HeaderLengthOf(segment);
        if (!TryFindPadding(segment[TcpConstants.MinimumHeaderLength..headerLength], out var used))
            return false;

        var start = TcpConstants.MinimumHeaderLength + used;
        var newHeaderLength = Math.Max(headerLength, RoundUp(start + option.Length));
        var growth = newHeaderLength - headerLength;
        if (newHeaderLength > TcpConstants.MaximumHeaderLength
            || growth > buffer.Length - packetLength
            || growth > MaximumLengthOf(buffer) - packetLength)
            return false;

        var before = SumWithLength(segment, headerLength);
        segment[headerLength..].CopyTo(buffer[(tcpOffset + newHeaderLength)..]);
        var options = buffer.Slice(tcpOffset + start, newHeaderLength - start);
        option.CopyTo(options);
        options[option.Length..].Fill((byte)TcpOptionKind.NoOperation);
        newLength = Resize(buffer, tcpOffset, packetLength, headerLength, newHeaderLength, before);
        return true;
    }

    /// <summary>Changes one octet of the TCP header or of what follows it, such as a flag in an option.</summary>
    /// <param name="packet">A packet that begins with its IP header.</param>
    /// <param name="tcpOffset">Where the TCP header begins.</param>
    /// <param name="offsetInTcp">From the start of the TCP header; not the checksum field, nor the data offset.</param>
    /// <param name="value">The new octet.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is one of those, or beyond the packet.</exception>
    public static void PatchByte(Span<byte> packet, int tcpOffset, int offsetInTcp, byte value)
    {
        if (offsetInTcp is TcpConstants.ChecksumOffset or TcpConstants.ChecksumOffset + 1
            or TcpConstants.DataOffsetOffset)
            throw new ArgumentOutOfRangeException(nameof(offsetInTcp), offsetInTcp, "The field follows from others.");

        var segment = packet[tcpOffset..TotalLengthOf(packet)];
        ArgumentOutOfRangeException.ThrowIfNegative(offsetInTcp);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offsetInTcp, segment.Length);
        var before = SumAround(segment, offsetInTcp, 1);
        segment[offsetInTcp] = value;
        MendTcpChecksum(segment, before, SumAround(segment, offsetInTcp, 1));
    }

    /// <summary>Clears what asks for ECN: ECE and CWR (RFC 3168 section 6.1.1), and AE (RFC 9768 section 3.1.1).</summary>
    public static void WithdrawEcn(Span<byte> packet, int tcpOffset)
    {
        const int WordLength = sizeof(ushort);
        var segment = packet[tcpOffset..TotalLengthOf(packet)];
        var before = SumAround(segment, TcpConstants.DataOffsetOffset, WordLength);
        segment[TcpConstants.DataOffsetOffset] &= unchecked((byte)~TcpConstants.AccurateEcnBit);
        segment[TcpConstants.FlagsOffset] &= unchecked((byte)~(TcpFlags.Ece | TcpFlags.Cwr));
        MendTcpChecksum(segment, before, SumAround(segment, TcpConstants.DataOffsetOffset, WordLength));
    }

    private static int Resize(
        Span<byte> packet, int tcpOffset, int packetLength, int headerLength, int newHeaderLength, uint sumBefore)
    {
        var newLength = packetLength + newHeaderLength - headerLength;
        var segment = packet[tcpOffset..newLength];
        ref var dataOffset = ref segment[TcpConstants.DataOffsetOffset];
        dataOffset = (byte)((newHeaderLength / sizeof(uint) << 4) | (dataOffset & 0x0F));
        SetTotalLength(packet, newLength);

        // The payload moved by whole words, so it adds what it did.
        MendTcpChecksum(segment, sumBefore, SumWithLength(segment, newHeaderLength));
        return newLength;
    }

    // The pseudo-header has the segment's length in it.
    private static uint SumWithLength(ReadOnlySpan<byte> segment, int headerLength) =>
        InternetChecksum.Sum(segment[..headerLength], (uint)segment.Length);

    private static uint SumAround(ReadOnlySpan<byte> segment, int start, int length)
    {
        var alignedStart = start & ~1;
        var alignedEnd = Math.Min((start + length + 1) & ~1, segment.Length);
        return InternetChecksum.Sum(segment[alignedStart..alignedEnd]);
    }

    private static void MendTcpChecksum(Span<byte> segment, uint before, uint after) =>
        MendField(segment[TcpConstants.ChecksumOffset..], InternetChecksum.Fold(before), InternetChecksum.Fold(after));

    private static void MendField(Span<byte> field, ushort before, ushort after)
    {
        var checksum = BinaryPrimitives.ReadUInt16BigEndian(field);
        BinaryPrimitives.WriteUInt16BigEndian(field, InternetChecksum.Update(checksum, before, after));
    }

    private static int CheckOption(ReadOnlySpan<byte> segment, int optionOffset, int length)
    {
        var optionsLength = HeaderLengthOf(segment) - TcpConstants.MinimumHeaderLength;
        ArgumentOutOfRangeException.ThrowIfNegative(optionOffset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(optionOffset, optionsLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, optionsLength - optionOffset);
        return TcpConstants.MinimumHeaderLength + optionOffset;
    }

    // Everything behind the last option that is neither NOP nor EOL.
    private static bool TryFindPadding(ReadOnlySpan<byte> options, out int start)
    {
        start = 0;
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (reader.Kind != TcpOptionKind.NoOperation)
                start = reader.Offset + reader.Bytes.Length;
        }

        return !reader.Malformed;
    }

    private static int HeaderLengthOf(ReadOnlySpan<byte> segment) =>
        (segment[TcpConstants.DataOffsetOffset] >> 4) * sizeof(uint);

    private static int RoundUp(int length) => (length + sizeof(uint) - 1) & ~(sizeof(uint) - 1);

    private static bool IsIpv4(ReadOnlySpan<byte> packet) => packet[0] >> 4 == (int)IpProtocolVersion.V4;

    private static int MaximumLengthOf(ReadOnlySpan<byte> packet) =>
        IsIpv4(packet) ? ushort.MaxValue : IpConstants.Ipv6HeaderLength + ushort.MaxValue;

    private static int TotalLengthOf(ReadOnlySpan<byte> packet) => IsIpv4(packet)
        ? BinaryPrimitives.ReadUInt16BigEndian(packet[IpConstants.Ipv4TotalLengthOffset..])
        : IpConstants.Ipv6HeaderLength
            + BinaryPrimitives.ReadUInt16BigEndian(packet[IpConstants.Ipv6PayloadLengthOffset..]);

    private static void SetTotalLength(Span<byte> packet, int length)
    {
        if (!IsIpv4(packet))
        {
            var payloadLength = (ushort)(length - IpConstants.Ipv6HeaderLength);
            BinaryPrimitives.WriteUInt16BigEndian(packet[IpConstants.Ipv6PayloadLengthOffset..], payloadLength);
            return;
        }

        var field = packet[IpConstants.Ipv4TotalLengthOffset..];
        var before = BinaryPrimitives.ReadUInt16BigEndian(field);
        BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)length);
        MendField(packet[IpConstants.Ipv4ChecksumOffset..], before, (ushort)length);
    }
}
