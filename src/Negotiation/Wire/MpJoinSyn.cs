using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

/// <summary>MP_JOIN of a SYN (RFC 8684 section 3.2, figure 5).</summary>
/// <param name="IsBackup">B: use the subflow only when no other works.</param>
/// <param name="AddressId">Id of the packet's source address; the initial subflow has 0.</param>
/// <param name="Token">Names the connection: upper 32 bits of SHA-256 of the receiver's key.</param>
/// <param name="Nonce">The sender's random number.</param>
public readonly record struct MpJoinSyn(bool IsBackup, byte AddressId, uint Token, uint Nonce) : IMptcpOption<MpJoinSyn>
{
    private const int AddressIdOffset = 3;
    private const int TokenOffset = 4;
    private const int NonceOffset = 8;

    /// <summary>Octets: 12.</summary>
    public int Length => MptcpConstants.JoinSynLength;

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> option, out MpJoinSyn value)
    {
        value = default;
        if (!MptcpOption.Is(option, MptcpSubtype.MpJoin, MptcpConstants.JoinSynLength))
            return false;

        value = new MpJoinSyn(
            (MptcpOption.LowNibble(option) & MptcpConstants.BackupFlag) != 0,
            option[AddressIdOffset],
            BinaryPrimitives.ReadUInt32BigEndian(option[TokenOffset..]),
            BinaryPrimitives.ReadUInt32BigEndian(option[NonceOffset..]));
        return true;
    }

    /// <inheritdoc/>
    public int Write(Span<byte> destination)
    {
        var flags = IsBackup ? MptcpConstants.BackupFlag : 0;
        var option = MptcpOption.Begin(destination, MptcpSubtype.MpJoin, Length, flags);
        option[AddressIdOffset] = AddressId;
        BinaryPrimitives.WriteUInt32BigEndian(option[TokenOffset..], Token);
        BinaryPrimitives.WriteUInt32BigEndian(option[NonceOffset..], Nonce);
        return option.Length;
    }
}
