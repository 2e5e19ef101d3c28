using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Middlebox.Lab.Topologies;

/// <summary>An address of a device together with the length of its network's prefix.</summary>
/// <param name="Address">The address itself, with its host bits.</param>
/// <param name="PrefixLength">Bits.</param>
public readonly record struct InterfaceAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>True for IPv6.</summary>
    public bool IsIPv6 => Address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>Reads <c>ADDRESS/LENGTH</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out InterfaceAddress result)
    {
        result = default;
        var parts = text?.Split('/') ?? [];
        if (parts.Length != 2 || !IPAddress.TryParse(parts[0], out var address)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > address.GetAddressBytes().Length * 8)
        {
            return false;
        }
        result = new InterfaceAddress(address, length);
        return true;
    }

    /// <summary>Whether an address lies in the network that this address belongs to.</summary>
    public bool Covers(IPAddress other)
    {
        if (other.AddressFamily != Address.AddressFamily)
            return false;
        var mine = Address.GetAddressBytes();
        var theirs = other.GetAddressBytes();
        for (var bit = 0; bit < PrefixLength; bit++)
        {
            var mask = 0x80 >> (bit % 8);
            if ((mine[bit / 8] & mask) != (theirs[bit / 8] & mask))
                return false;
        }
        return true;
    }

    public override string ToString() => $"{Address}/{PrefixLength}";
}
