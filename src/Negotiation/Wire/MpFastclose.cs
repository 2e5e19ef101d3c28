using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

/// <summary>MP_FASTCLOSE: resets the whole connection (RFC 8684 section 3.5).</summary>
/// <param name="ReceiverKey">Key of the receiver of this packet, a number read in network byte order.</param>
public readonly record struct MpFastclose(ulong ReceiverKey) : IMptcpOption<MpFastclose>
{
    private const int ReceiverKeyOffset = 4;

    /// <summary>Octets: 12.</summary>
    public int Length => MptcpConstants.FastcloseLength;

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> option, out MpFastclose value)
    {
        var isClose = MptcpOption.Is(option, MptcpSubtype.MpFastclose, MptcpConstants.FastcloseLength);
        value = isClose ? new MpFastclose(BinaryPrimitives.ReadUInt64BigEndian(option[ReceiverKeyOffset..])) : default;
        return isClose;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var option = MptcpOption.Begin(destination, MptcpSubtype.MpFastclose, Length, lowNibble: 0);
        option[ReceiverKeyOffset - 1] = 0;
        BinaryPrimitives.WriteUInt64BigEndian(option[ReceiverKeyOffset..], ReceiverKey);
        return option.Length;
    }
}
