using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Middlebox.Negotiation.Addresses;

/// <summary>A block of addresses in CIDR notation, or all addresses of both families.</summary>
/// <remarks>The default value is <see cref="Any"/>. <c>0.0.0.0/0</c> holds IPv4 only, <c>::/0</c> IPv6 only.</remarks>
public readonly record struct AddressPrefix
{
    private const string AnyText = "any";

    private readonly HostAddress _network;
    private readonly byte _length;
    private readonly bool _isOneFamily;

    private AddressPrefix(HostAddress network, int length)
    {
        _network = network;
        _length = (byte)length;
        _isOneFamily = true;
    }

    /// <summary>Every address, IPv4 and IPv6.</summary>
    public static AddressPrefix Any => default;

    /// <summary>Whether this prefix holds every address of both families.</summary>
    public bool IsAny => !_isOneFamily;

    /// <summary>The first address of the block.</summary>
    public HostAddress Network => _network;

    /// <summary>Leading bits that are fixed: 0 to 32 or 0 to 128; 0 for <see cref="Any"/>.</summary>
    public int Length => _length;

    /// <summary>
    /// Reads <c>198.18.0.0/15</c>, <c>2001:db8::/32</c>, a single address or <c>any</c>. Set bits beyond the prefix
    /// length are refused, since they show that something else was meant.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out AddressPrefix prefix)
    {
        prefix = Any;
        if (text is null or AnyText)
            return text is not null;

        var slash = text.IndexOf('/');
        if (!HostAddress.TryParse(slash < 0 ? text : text[..slash], out var network))
            return false;

        // An IPv4-mapped text would count its bits from another place than it says.
        if (network.IsIpv4 && text.Contains(':'))
            return false;

        var length = network.Length * 8;
        if (slash >= 0 && !AddressText.TryReadDecimal(text.AsSpan(slash + 1), length, out length))
            return false;

        if ((network.Bits & ~MaskOf(network, length)) != 0)
            return false;

        prefix = new AddressPrefix(network, length);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for text that is known to be a prefix.</summary>
    /// <exception cref="FormatException">The text is not a prefix.</exception>
    public static AddressPrefix Parse(string text) =>
        TryParse(text, out var prefix) ? prefix : throw new FormatException($"'{text}' is not an address prefix.");

    /// <summary>Whether the address lies in the block.</summary>
    public bool Contains(HostAddress address)
    {
        if (!_isOneFamily)
            return true;

        return address.IsIpv4 == _network.IsIpv4
            && ((address.Bits ^ _network.Bits) & MaskOf(_network, _length)) == 0;
    }

    public override string ToString() =>
        IsAny ? AnyText : string.Create(CultureInfo.InvariantCulture, $"{_network}/{_length}");

    private static UInt128 MaskOf(HostAddress network, int length)
    {
        var hostBits = (network.Length * 8) - length;
        return hostBits == 128 ? UInt128.Zero : UInt128.MaxValue << hostBits;
    }
}
