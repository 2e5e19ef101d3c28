using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

/// <summary>MP_CAPABLE in one of its five lengths (RFC 8684 section 3.1).</summary>
/// <remarks>
/// Keys are numbers read in network byte order. Version 0 is read as well: its SYN has 12 octets, and the key in it
/// is the sender's. Fields that a length does not have are 0. The default value is a SYN of version 0 and not for use.
/// </remarks>
public readonly record struct MpCapable : IMptcpOption<MpCapable>
{
    private const int SenderKeyOffset = 4;
    private const int ReceiverKeyOffset = 12;
    private const int DataLengthOffset = 20;
    private const int ChecksumOffset = 22;

    private readonly byte _lengthBeyondSyn;

    private MpCapable(byte version, MpCapableFlags flags, int length)
    {
        Version = version;
        Flags = flags;
        _lengthBeyondSyn = (byte)(length - MptcpConstants.CapableSynLength);
    }

    /// <summary>Octets: 4, 12, 20, 22 or 24.</summary>
    public int Length => MptcpConstants.CapableSynLength + _lengthBeyondSyn;

    /// <summary>0 to 15.</summary>
    public byte Version { get; private init; }

    public MpCapableFlags Flags { get; private init; }

    /// <summary>
    /// Key of the sender of this packet, from length 12 on. In lengths from 20 on it is the client's.
    /// </summary>
    public ulong SenderKey { get; private init; }

    /// <summary>Key of the receiver of this packet, from length 20 on.</summary>
    public ulong ReceiverKey { get; private init; }

    /// <summary>Octets of data that the mapping covers, from length 22 on.</summary>
    public ushort DataLength { get; private init; }

    /// <summary>Checksum of the mapping, in length 24.</summary>
    public ushort Checksum { get; private init; }

    public bool HasSenderKey => Length >= MptcpConstants.CapableSynAckLength;

    public bool HasReceiverKey => Length >= MptcpConstants.CapableAckLength;

    public bool HasDataLength => Length >= MptcpConstants.CapableDataLength;

    public bool HasChecksum => Length == MptcpConstants.CapableDataChecksumLength;

    /// <summary>For a SYN.</summary>
    public static MpCapable Syn(MpCapableFlags flags) =>
        new(MptcpConstants.Version1, flags, MptcpConstants.CapableSynLength);

    /// <summary>For a SYN/ACK.</summary>
    public static MpCapable SynAck(MpCapableFlags flags, ulong senderKey) =>
        new(MptcpConstants.Version1, flags, MptcpConstants.CapableSynAckLength) { SenderKey = senderKey };

    /// <summary>For the third ACK.</summary>
    public static MpCapable Ack(MpCapableFlags flags, ulong senderKey, ulong receiverKey) =>
        new(MptcpConstants.Version1, flags, MptcpConstants.CapableAckLength)
        {
            SenderKey = senderKey,
            ReceiverKey = receiverKey,
        };

    /// <summary>For the client's first data.</summary>
    public static MpCapable Data(
        MpCapableFlags flags, ulong senderKey, ulong receiverKey, ushort dataLength, ushort? checksum = null) =>
        new(
            MptcpConstants.Version1,
            flags,
            checksum is null ? MptcpConstants.CapableDataLength : MptcpConstants.CapableDataChecksumLength)
        {
            SenderKey = senderKey,
            ReceiverKey = receiverKey,
            DataLength = dataLength,
            Checksum = checksum.GetValueOrDefault(),
        };

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> option, out MpCapable value)
    {
        value = default;
        if (!MptcpOption.Is(option, MptcpSubtype.MpCapable) || !IsLength(option.Length))
            return false;

        value = new MpCapable(
            MptcpOption.LowNibble(option), (MpCapableFlags)option[MptcpConstants.CapableFlagsOffset], option.Length);
        if (value.HasSenderKey)
            value = value with { SenderKey = BinaryPrimitives.ReadUInt64BigEndian(option[SenderKeyOffset..]) };
        if (value.HasReceiverKey)
            value = value with { ReceiverKey = BinaryPrimitives.ReadUInt64BigEndian(option[ReceiverKeyOffset..]) };
        if (value.HasDataLength)
            value = value with { DataLength = BinaryPrimitives.ReadUInt16BigEndian(option[DataLengthOffset..]) };
        if (value.HasChecksum)
            value = value with { Checksum = BinaryPrimitives.ReadUInt16BigEndian(option[ChecksumOffset..]) };

        return true;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var option = MptcpOption.Begin(destination, MptcpSubtype.MpCapable, Length, Version);
        option[MptcpConstants.CapableFlagsOffset] = (byte)Flags;
        if (HasSenderKey)
            BinaryPrimitives.WriteUInt64BigEndian(option[SenderKeyOffset..], SenderKey);
        if (HasReceiverKey)
            BinaryPrimitives.WriteUInt64BigEndian(option[ReceiverKeyOffset..], ReceiverKey);
        if (HasDataLength)
            BinaryPrimitives.WriteUInt16BigEndian(option[DataLengthOffset..], DataLength);
        if (HasChecksum)
            BinaryPrimitives.WriteUInt16BigEndian(option[ChecksumOffset..], Checksum);

        return option.Length;
    }

    private static bool IsLength(int length) => length
        is MptcpConstants.CapableSynLength
        or MptcpConstants.CapableSynAckLength
        or MptcpConstants.CapableAckLength
        or MptcpConstants.CapableDataLength
        or MptcpConstants.CapableDataChecksumLength;
}
