using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

/// <summary>MP_FAIL: a data checksum was wrong (RFC 8684 section 3.7).</summary>
/// <param name="DataSequence">Data sequence number where the mapping with the wrong checksum begins.</param>
public readonly record struct MpFail(ulong DataSequence) : IMptcpOption<MpFail>
{
    private const int DataSequenceOffset = 4;

    /// <summary>Octets: 12.</summary>
    public int Length => MptcpConstants.FailLength;

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> option, out MpFail value)
    {
        var isFail = MptcpOption.Is(option, MptcpSubtype.MpFail, MptcpConstants.FailLength);
        value = isFail ? new MpFail(BinaryPrimitives.ReadUInt64BigEndian(option[DataSequenceOffset..])) : default;
        return isFail;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var option = MptcpOption.Begin(destination, MptcpSubtype.MpFail, Length, lowNibble: 0);
        option[DataSequenceOffset - 1] = 0;
        BinaryPrimitives.WriteUInt64BigEndian(option[DataSequenceOffset..], DataSequence);
        return option.Length;
    }
}
