using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.FastPath;

/// <summary>
/// One direction of a relayed connection, as the program at the devices looks it up: addresses and ports as they stand in the segment, source first, and what they are
/// replaced by with the differences that it makes to the checksums (RFC 1624).
/// </summary>
internal static class FastPathEntry
{
    /// <summary>Octets of an entry. Its last eight tell when the kernel's own tracking has last seen a segment, in units of 2^30 ns; 0 at first.</summary>
    public const int Length = 64;

    public const int AddressDifference = 40;
    public const int PortDifference = 44;
    public const int HeaderDifference = 48;
    public const int LastTracked = 56;

    private const int PortsLength = 2 * sizeof(ushort);

    /// <summary>Octets of a key.</summary>
    public static int KeyLength(bool isIpv4) => (2 * (isIpv4 ? HostAddress.Ipv4Length : HostAddress.Ipv6Length)) + PortsLength;

    /// <summary>Writes both ends in the order in which they stand in a segment from one to the other.</summary>
    /// <returns>The octets that were written.</returns>
    public static int WriteKey(Span<byte> buffer, HostEndpoint from, HostEndpoint to)
    {
        var length = from.Address.Length;
        from.Address.WriteTo(buffer);
        to.Address.WriteTo(buffer[length..]);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[(2 * length)..], from.Port.Value);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[((2 * length) + sizeof(ushort))..], to.Port.Value);
        return (2 * length) + PortsLength;
    }

    /// <summary>Writes an entry.</summary>
    /// <param name="entry"><see cref="Length"/> octets.</param>
    /// <param name="present">Both ends as <see cref="WriteKey"/> has written them.</param>
    /// <param name="from">The source that the segments get.</param>
    /// <param name="to">The destination that they get.</param>
    public static void Write(Span<byte> entry, ReadOnlySpan<byte> present, HostEndpoint from, HostEndpoint to)
    {
        entry.Clear();
        var length = WriteKey(entry, from, to);
        var addresses = length - PortsLength;
        var change = Difference(present[..addresses], entry[..addresses]);
        MemoryMarshal.Write(entry[AddressDifference..], change);
        MemoryMarshal.Write(entry[PortDifference..], Difference(present[addresses..length], entry[addresses..length]));
        // The hop count is the first octet of its word, and becomes one less.
        MemoryMarshal.Write(entry[HeaderDifference..], Fold((ulong)change + Difference([1, 0, 0, 0], [0, 0, 0, 0])));
    }

    /// <summary>What the one's complement sum of the new octets has more than that of the old ones.</summary>
    private static uint Difference(ReadOnlySpan<byte> old, ReadOnlySpan<byte> now)
    {
        ulong sum = 0;
        foreach (var word in MemoryMarshal.Cast<byte, uint>(old))
            sum += ~word;
        foreach (var word in MemoryMarshal.Cast<byte, uint>(now))
            sum += word;
        return Fold(sum);
    }

    private static uint Fold(ulong sum)
    {
        sum = (sum & uint.MaxValue) + (sum >> 32);
        return (uint)((sum & uint.MaxValue) + (sum >> 32));
    }
}
