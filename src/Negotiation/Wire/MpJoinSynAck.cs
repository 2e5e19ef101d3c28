using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

/// <summary>MP_JOIN of a SYN/ACK (RFC 8684 section 3.2, figure 6).</summary>
/// <param name="IsBackup">B: use the subflow only when no other works.</param>
/// <param name="AddressId">Id of the packet's source address.</param>
/// <param name="TruncatedHmac">Leftmost 64 bits of the sender's HMAC.</param>
/// <param name="Nonce">The sender's random number.</param>
public readonly record struct MpJoinSynAck(bool IsBackup, byte AddressId, ulong TruncatedHmac, uint Nonce)
    : IMptcpOption<MpJoinSynAck>
{
    private const int AddressIdOffset = 3;
    private const int HmacOffset = 4;
    private const int NonceOffset = 12;

    /// <summary>Octets: 16.</summary>
    public int Length => MptcpConstants.JoinSynAckLength;

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> option, out MpJoinSynAck value)
    {
        value = default;
        if (!MptcpOption.Is(option, MptcpSubtype.MpJoin, MptcpConstants.JoinSynAckLength))
            return false;

        value = new MpJoinSynAck(
            (MptcpOption.LowNibble(option) & MptcpConstants.BackupFlag) != 0,
            option[AddressIdOffset],
            BinaryPrimitives.ReadUInt64BigEndian(option[HmacOffset..]),
            BinaryPrimitives.ReadUInt32BigEndian(option[NonceOffset..]));
        return true;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var flags = IsBackup ? MptcpConstants.BackupFlag : 0;
        var option = MptcpOption.Begin(destination, MptcpSubtype.MpJoin, Length, flags);
        option[AddressIdOffset] = AddressId;
        BinaryPrimitives.WriteUInt64BigEndian(option[HmacOffset..], TruncatedHmac);
        BinaryPrimitives.WriteUInt32BigEndian(option[NonceOffset..], Nonce);
        return option.Length;
    }
}
