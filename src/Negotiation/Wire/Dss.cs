using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

/// <summary>DSS: data acknowledgement, data sequence mapping, or both (RFC 8684 section 3.3).</summary>
/// <remarks>Fields that <see cref="Flags"/> does not announce are 0 when read and left out when written.</remarks>
public readonly record struct Dss : IMptcpOption<Dss>
{
    private const int FlagsOffset = 3;
    private const int SequenceLength = 4;
    private const int LongSequenceLength = 8;

    // Subflow sequence number and data-level length, behind the data sequence number.
    private const int MappingTailLength = 6;
    private const int ChecksumLength = 2;

    public DssFlags Flags { get; init; }

    /// <summary>
    /// Next data sequence number that the sender expects; its lower 32 bits if the long form is not announced.
    /// </summary>
    public ulong DataAck { get; init; }

    /// <summary>
    /// Data sequence number of the mapping's first octet; its lower 32 bits if the long form is not announced.
    /// </summary>
    public ulong DataSequence { get; init; }

    /// <summary>Relative to the subflow's SYN, which is 0.</summary>
    public uint SubflowSequence { get; init; }

    /// <summary>
    /// Octets that the mapping covers, DATA_FIN counting as one; 0 is the infinite mapping of a fallback.
    /// </summary>
    public ushort DataLength { get; init; }

    /// <summary>Null when checksums were not negotiated. Only a mapping can have one.</summary>
    public ushort? Checksum { get; init; }

    public bool HasDataAck => (Flags & DssFlags.HasDataAck) != 0;

    public bool HasMapping => (Flags & DssFlags.HasMapping) != 0;

    /// <summary>DATA_FIN.</summary>
    public bool IsDataFin => (Flags & DssFlags.DataFin) != 0;

    /// <summary>The sender falls back to plain TCP (RFC 8684 section 3.7).</summary>
    public bool IsInfiniteMapping => HasMapping && DataLength == 0;

    /// <summary>Octets: 4 to 28.</summary>
    public int Length => LengthWithoutChecksum(Flags) + (HasMapping && Checksum is not null ? ChecksumLength : 0);

    /// <summary>Reads a whole option.</summary>
    /// <returns>False for any other option, and for a length that the flags do not account for.</returns>
    public static bool TryRead(ReadOnlySpan<byte> option, out Dss value)
    {
        value = default;
        if (option.Length < MptcpConstants.DssMinimumLength || !MptcpOption.Is(option, MptcpSubtype.Dss))
            return false;

        var flags = (DssFlags)option[FlagsOffset];
        var hasMapping = (flags & DssFlags.HasMapping) != 0;
        var hasChecksum = hasMapping && option.Length == LengthWithoutChecksum(flags) + ChecksumLength;
        if (!hasChecksum && option.Length != LengthWithoutChecksum(flags))
            return false;

        value = new Dss { Flags = flags };
        var rest = option[MptcpConstants.DssMinimumLength..];
        if (value.HasDataAck)
        {
            value = value with { DataAck = MptcpOption.ReadSequence(rest, IsLong(flags, DssFlags.DataAckIs64Bit)) };
            rest = rest[SequenceLengthOf(flags, DssFlags.DataAckIs64Bit)..];
        }

        if (hasMapping)
        {
            var tail = rest[SequenceLengthOf(flags, DssFlags.DataSequenceIs64Bit)..];
            value = value with
            {
                DataSequence = MptcpOption.ReadSequence(rest, IsLong(flags, DssFlags.DataSequenceIs64Bit)),
                SubflowSequence = BinaryPrimitives.ReadUInt32BigEndian(tail),
                DataLength = BinaryPrimitives.ReadUInt16BigEndian(tail[4..]),
                Checksum = hasChecksum ? BinaryPrimitives.ReadUInt16BigEndian(tail[MappingTailLength..]) : null,
            };
        }

        return true;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var option = MptcpOption.Begin(destination, MptcpSubtype.Dss, Length, lowNibble: 0);
        option[FlagsOffset] = (byte)Flags;
        var rest = option[MptcpConstants.DssMinimumLength..];
        if (HasDataAck)
        {
            MptcpOption.WriteSequence(rest, DataAck, IsLong(Flags, DssFlags.DataAckIs64Bit));
            rest = rest[SequenceLengthOf(Flags, DssFlags.DataAckIs64Bit)..];
        }

        if (HasMapping)
        {
            MptcpOption.WriteSequence(rest, DataSequence, IsLong(Flags, DssFlags.DataSequenceIs64Bit));
            rest = rest[SequenceLengthOf(Flags, DssFlags.DataSequenceIs64Bit)..];
            BinaryPrimitives.WriteUInt32BigEndian(rest, SubflowSequence);
            BinaryPrimitives.WriteUInt16BigEndian(rest[4..], DataLength);
            if (Checksum is { } checksum)
                BinaryPrimitives.WriteUInt16BigEndian(rest[MappingTailLength..], checksum);
        }

        return option.Length;
    }

    private static int LengthWithoutChecksum(DssFlags flags)
    {
        var length = MptcpConstants.DssMinimumLength;
        if ((flags & DssFlags.HasDataAck) != 0)
            length += SequenceLengthOf(flags, DssFlags.DataAckIs64Bit);
        if ((flags & DssFlags.HasMapping) != 0)
            length += SequenceLengthOf(flags, DssFlags.DataSequenceIs64Bit) + MappingTailLength;
        return length;
    }

    private static bool IsLong(DssFlags flags, DssFlags bit) => (flags & bit) != 0;

    private static int SequenceLengthOf(DssFlags flags, DssFlags bit) =>
        IsLong(flags, bit) ? LongSequenceLength : SequenceLength;
}
