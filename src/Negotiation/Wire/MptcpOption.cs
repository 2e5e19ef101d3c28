using System.Buffers.Binary;

namespace Middlebox.Negotiation.Wire;

/// <summary>The three octets that all MPTCP options begin with (RFC 8684 section 3).</summary>
public static class MptcpOption
{
    /// <summary>Reads the subtype of a whole MPTCP option.</summary>
    /// <returns>False for another kind, and for a length octet that is not the length of the span.</returns>
    public static bool TryReadSubtype(ReadOnlySpan<byte> option, out MptcpSubtype subtype)
    {
        subtype = default;
        if (option.Length < MptcpConstants.MinimumLength
            || option[0] != (byte)TcpOptionKind.Mptcp
            || option[1] != option.Length)
            return false;

        subtype = (MptcpSubtype)(option[MptcpConstants.SubtypeOffset] >> 4);
        return true;
    }

    /// <summary>Whether this is a whole MPTCP option of the subtype.</summary>
    internal static bool Is(ReadOnlySpan<byte> option, MptcpSubtype subtype) =>
        TryReadSubtype(option, out var actual) && actual == subtype;

    /// <summary>Whether this is a whole MPTCP option of the subtype and length.</summary>
    internal static bool Is(ReadOnlySpan<byte> option, MptcpSubtype subtype, int length) =>
        option.Length == length && Is(option, subtype);

    /// <summary>The lower four bits of the octet with the subtype.</summary>
    internal static byte LowNibble(ReadOnlySpan<byte> option) =>
        (byte)(option[MptcpConstants.SubtypeOffset] & 0x0F);

    /// <summary>Writes the first three octets.</summary>
    /// <returns>The option to fill in, cut to its length.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The destination is too short.</exception>
    internal static Span<byte> Begin(Span<byte> destination, MptcpSubtype subtype, int length, int lowNibble)
    {
        var option = destination[..length];
        option[0] = (byte)TcpOptionKind.Mptcp;
        option[1] = (byte)length;
        option[MptcpConstants.SubtypeOffset] = (byte)(((int)subtype << 4) | lowNibble);
        return option;
    }

    /// <summary>Reads a sequence number of 8 octets, or of its lower 4.</summary>
    internal static ulong ReadSequence(ReadOnlySpan<byte> source, bool is64Bit) =>
        is64Bit ? BinaryPrimitives.ReadUInt64BigEndian(source) : BinaryPrimitives.ReadUInt32BigEndian(source);

    /// <summary>Writes a sequence number as 8 octets, or its lower 4.</summary>
    internal static void WriteSequence(Span<byte> destination, ulong value, bool is64Bit)
    {
        if (is64Bit)
            BinaryPrimitives.WriteUInt64BigEndian(destination, value);
        else
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)value);
    }
}
