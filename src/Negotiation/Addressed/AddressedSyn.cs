using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Addressed;

/// <summary>SYNs to a proxy that name the server: written by the host, read and taken apart by the proxy.</summary>
public static class AddressedSyn
{
    /// <summary>Octets by which <see cref="TryName"/> may make a packet longer.</summary>
    public const int MaximumGrowth = (DestinationOption.MaximumLength + sizeof(uint) - 1) / sizeof(uint) * sizeof(uint);

    /// <summary>Reads the server that a SYN names.</summary>
    /// <param name="options">The options of the SYN.</param>
    /// <param name="destination">The server, and how it is to be announced.</param>
    /// <param name="offset">Where the option begins, from the start of the options.</param>
    /// <returns>False if it names none, or several, or the options cannot be walked to their end.</returns>
    public static bool TryRead(ReadOnlySpan<byte> options, out DestinationOption destination, out int offset)
    {
        destination = default;
        offset = -1;
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (!DestinationOption.TryRead(reader.Bytes, out var option))
                continue;
            if (offset >= 0)
                return false;
            (destination, offset) = (option, reader.Offset);
        }

        return offset >= 0 && !reader.Malformed;
    }

    /// <summary>Takes the option out, so that the server gets the SYN as the host's kernel has made it, but for timestamps that gave way to the option.</summary>
    /// <param name="packet">A SYN of which <see cref="TryRead"/> has told destination and offset.</param>
    /// <param name="tcpOffset">Where its TCP header begins.</param>
    /// <param name="destination">What it names.</param>
    /// <param name="offset">Where the option begins, from the start of the options.</param>
    /// <returns>Octets of the packet now.</returns>
    public static int Strip(Span<byte> packet, int tcpOffset, DestinationOption destination, int offset)
    {
        var length = destination.Length;
        var headerLength = (packet[tcpOffset + TcpConstants.DataOffsetOffset] >> 4) * sizeof(uint);
        var behind = packet[(tcpOffset + TcpConstants.MinimumHeaderLength + offset + length)..(tcpOffset + headerLength)];
        // Padding that came with the option goes with it.
        if (!behind.ContainsAnyExcept((byte)TcpOptionKind.NoOperation))
            length += behind.Length;
        return TcpPacketEditor.RemoveOption(packet, tcpOffset, offset, length);
    }

    /// <summary>
    /// Names the server in a SYN. An IPv6 address finds room only in the place of timestamps, which a Linux SYN has: they are not offered then.
    /// </summary>
    /// <param name="buffer">The packet and room to grow, at most <see cref="MaximumGrowth"/>.</param>
    /// <param name="length">Octets of the packet; those of the changed one on success.</param>
    /// <param name="destination">The server.</param>
    /// <returns>False, and no change, if there is no room, the packet must not be edited, or its options are malformed.</returns>
    public static bool TryName(Span<byte> buffer, ref int length, DestinationOption destination)
    {
        if (TcpPacket.Read(buffer[..length], out var syn) != PacketDefect.None || syn.IsAuthenticated || syn.Bytes.Length != length)
            return false;
        Span<byte> option = stackalloc byte[DestinationOption.MaximumLength];
        option = option[..destination.Write(option)];
        var tcpOffset = syn.TcpOffset;
        if (TcpPacketEditor.TryAppendOption(buffer, length, tcpOffset, option, out var appended))
        {
            length = appended;
            return true;
        }

        if (!TryFindTimestamps(syn.Options, out var timestamps) || !HasRoomWithoutTimestamps(syn.Options, option.Length))
            return false;
        var shorter = TcpPacketEditor.RemoveOption(buffer, tcpOffset, timestamps, TcpConstants.TimestampsLength);
        return TcpPacketEditor.TryAppendOption(buffer, shorter, tcpOffset, option, out length);
    }

    private static bool TryFindTimestamps(ReadOnlySpan<byte> options, out int offset)
    {
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (reader.Kind == TcpOptionKind.Timestamps && reader.Bytes.Length == TcpConstants.TimestampsLength)
            {
                offset = reader.Offset;
                return true;
            }
        }

        offset = -1;
        return false;
    }

    /// <summary>Whether the options up to their padding, without timestamps and with another one, fit into a header.</summary>
    private static bool HasRoomWithoutTimestamps(ReadOnlySpan<byte> options, int added)
    {
        var used = 0;
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (reader.Kind != TcpOptionKind.NoOperation)
                used = reader.Offset + reader.Bytes.Length;
        }

        return !reader.Malformed && used - TcpConstants.TimestampsLength + added <= TcpConstants.MaximumOptionsLength;
    }
}
