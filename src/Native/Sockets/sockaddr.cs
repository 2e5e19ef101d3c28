using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Middlebox.Native;

/// <summary>
/// struct sockaddr_in (16 bytes) or sockaddr_in6 (28 bytes) of ip(7) and ipv6(7), told apart by the family.
/// The address and the port are in network byte order in memory; the properties are not.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = MaximumLength)]
public struct sockaddr
{
    /// <summary>Bytes that the larger of the two takes.</summary>
    public const int MaximumLength = 28;

    private const int PortOffset = 2;
    private const int Ipv4AddressOffset = 4;
    private const int Ipv6AddressOffset = 8;

    public ushort sa_family;

    /// <summary>An address of 4 or 16 bytes in network order, and a port.</summary>
    /// <exception cref="ArgumentException">The address has another length.</exception>
    public static sockaddr From(ReadOnlySpan<byte> address, ushort port)
    {
        var result = new sockaddr
        {
            sa_family = address.Length switch
            {
                4 => Libc.AF_INET,
                16 => Libc.AF_INET6,
                _ => throw new ArgumentException($"An IP address has 4 or 16 bytes, not {address.Length}.", nameof(address)),
            },
        };
        var bytes = result.Bytes;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[PortOffset..], port);
        address.CopyTo(bytes[(address.Length == 4 ? Ipv4AddressOffset : Ipv6AddressOffset)..]);
        return result;
    }

    /// <summary>What the kernel expects as addrlen for this family.</summary>
    public readonly int Length => sa_family == Libc.AF_INET ? 16 : MaximumLength;

    public ushort Port => BinaryPrimitives.ReadUInt16BigEndian(Bytes[PortOffset..]);

    /// <summary>The address, 4 or 16 bytes in network order, inside this structure.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Address =>
        sa_family == Libc.AF_INET ? Bytes.Slice(Ipv4AddressOffset, 4) : Bytes.Slice(Ipv6AddressOffset, 16);

    [UnscopedRef]
    private Span<byte> Bytes =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<ushort, byte>(ref sa_family), MaximumLength);
}
