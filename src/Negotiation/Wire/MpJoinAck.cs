using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

/// <summary>
/// MP_JOIN of a third ACK (RFC 8684 section 3.2, figure 7): the sender's HMAC cut to its leftmost 160 bits.
/// </summary>
public readonly record struct MpJoinAck : IMptcpOption<MpJoinAck>
{
    private const int HmacOffset = 4;

    private readonly ulong _hmac0;
    private readonly ulong _hmac8;
    private readonly uint _hmac16;

    /// <summary>Takes the first 20 octets of an HMAC-SHA256.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 20 octets.</exception>
    public MpJoinAck(ReadOnlySpan<byte> hmac)
    {
        _hmac0 = BinaryPrimitives.ReadUInt64BigEndian(hmac);
        _hmac8 = BinaryPrimitives.ReadUInt64BigEndian(hmac[8..]);
        _hmac16 = BinaryPrimitives.ReadUInt32BigEndian(hmac[16..]);
    }

    /// <summary>Octets: 24.</summary>
    public int Length => MptcpConstants.JoinAckLength;

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> option, out MpJoinAck value)
    {
        var isJoin = MptcpOption.Is(option, MptcpSubtype.MpJoin, MptcpConstants.JoinAckLength);
        value = isJoin ? new MpJoinAck(option[HmacOffset..]) : default;
        return isJoin;
    }

    /// <summary>Writes the 20 octets of the HMAC.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is too short.</exception>
    public void CopyHmacTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], _hmac16);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _hmac8);
        BinaryPrimitives.WriteUInt64BigEndian(destination, _hmac0);
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var option = MptcpOption.Begin(destination, MptcpSubtype.MpJoin, Length, lowNibble: 0);
        option[HmacOffset - 1] = 0;
        CopyHmacTo(option[HmacOffset..]);
        return option.Length;
    }
}
