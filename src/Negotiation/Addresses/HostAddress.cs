using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Middlebox.Negotiation.Addresses;

/// <summary>An IPv4 or IPv6 address as 128 bits; IPv4 is kept in its IPv4-mapped form.</summary>
/// <remarks>
/// The default value is the IPv6 unspecified address <c>::</c>. Because the mapped range stands for IPv4 (RFC 4291
/// section 2.5.5.2), an IPv6 address in <c>::ffff:0:0/96</c> is an IPv4 address here; it must not occur on the wire.
/// </remarks>
public readonly struct HostAddress : IEquatable<HostAddress>
{
    /// <summary>Octets of an IPv4 address.</summary>
    public const int Ipv4Length = 4;

    /// <summary>Octets of an IPv6 address.</summary>
    public const int Ipv6Length = 16;

    private const uint MappedPrefix = 0x0000_FFFF;

    // Two words instead of one UInt128: its 16-byte alignment would make a flow key a third larger.
    private readonly ulong _high;
    private readonly ulong _low;

    private HostAddress(ulong high, ulong low)
    {
        _high = high;
        _low = low;
    }

    /// <summary>Whether this is an IPv4 address.</summary>
    public bool IsIpv4 => _high == 0 && _low >> 32 == MappedPrefix;

    /// <summary>Octets of the address on the wire: 4 or 16.</summary>
    public int Length => IsIpv4 ? Ipv4Length : Ipv6Length;

    /// <summary>The address as a number, first octet most significant; IPv4 is <c>0xFFFF_aabbccdd</c>.</summary>
    public UInt128 Bits => new(_high, _low);

    /// <summary>The prefix that one host can choose addresses from: all of an IPv4 address, 64 bits of an IPv6 address.</summary>
    internal HostAddress Source => IsIpv4 ? this : new(_high, 0);

    internal ulong High => _high;

    internal ulong Low => _low;

    /// <summary>Makes an address of the first four octets, in network byte order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than four octets.</exception>
    public static HostAddress FromIpv4(ReadOnlySpan<byte> fourBytes) =>
        new(0, ((ulong)MappedPrefix << 32) | BinaryPrimitives.ReadUInt32BigEndian(fourBytes));

    /// <summary>Makes an address of the first sixteen octets, in network byte order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than sixteen octets.</exception>
    public static HostAddress FromIpv6(ReadOnlySpan<byte> sixteenBytes) =>
        new(
            BinaryPrimitives.ReadUInt64BigEndian(sixteenBytes),
            BinaryPrimitives.ReadUInt64BigEndian(sixteenBytes[8..]));

    /// <summary>
    /// Reads <c>198.18.1.2</c> or <c>2001:db8::1</c>; no ports, brackets, zones or octal and hexadecimal octets.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out HostAddress address)
    {
        Span<byte> octets = stackalloc byte[Ipv6Length];
        var length = AddressText.TryRead(text, octets);
        address = length switch
        {
            Ipv4Length => FromIpv4(octets),
            Ipv6Length => FromIpv6(octets),
            _ => default,
        };
        return length != 0;
    }

    /// <summary>As <see cref="TryParse"/>, for text that is known to be an address.</summary>
    /// <exception cref="FormatException">The text is not an address.</exception>
    public static HostAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an IP address.");

    /// <summary>Writes the address in network byte order.</summary>
    /// <returns>Octets written: <see cref="Length"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The destination is too short.</exception>
    public int WriteTo(Span<byte> destination)
    {
        if (IsIpv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_low);
            return Ipv4Length;
        }

        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        return Ipv6Length;
    }

    public bool Equals(HostAddress other) => _high == other._high && _low == other._low;

    public override bool Equals(object? obj) => obj is HostAddress other && Equals(other);

    public override int GetHashCode() => FlowHash.Of(_high, _low);

    /// <summary>The canonical text: dotted decimal, or RFC 5952 for IPv6.</summary>
    public override string ToString()
    {
        Span<byte> octets = stackalloc byte[Ipv6Length];
        return AddressText.Write(octets[..WriteTo(octets)]);
    }

    public static bool operator ==(HostAddress left, HostAddress right) => left.Equals(right);

    public static bool operator !=(HostAddress left, HostAddress right) => !left.Equals(right);
}
