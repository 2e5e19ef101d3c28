using Middlebox.Negotiation.Wire;

namespace Middlebox.Appliance.Commands.Lab.Elements;

/// <summary>What a strict middlebox does to a segment: MPTCP options of subtypes that nobody has assigned become NOPs.</summary>
internal static class OptionStripper
{
    private const MptcpSubtype FirstUnassigned = MptcpSubtype.MpReset + 1;

    /// <summary>Blanks them; a <see cref="Interceptor.Filtering.PacketFilter"/>.</summary>
    /// <returns><paramref name="length"/>, always.</returns>
    public static int Strip(Span<byte> buffer, int length)
    {
        var packet = buffer[..length];
        if (TcpPacket.Read(packet, out var segment) != PacketDefect.None || segment.IsAuthenticated)
            return length;
        var options = new TcpOptionReader(segment.Options);
        while (options.MoveNext())
        {
            if (options.Kind == TcpOptionKind.Mptcp
                && MptcpOption.TryReadSubtype(options.Bytes, out var subtype)
                && subtype >= FirstUnassigned)
                TcpPacketEditor.BlankOption(packet, segment.TcpOffset, options.Offset, options.Bytes.Length);
        }

        return length;
    }
}
