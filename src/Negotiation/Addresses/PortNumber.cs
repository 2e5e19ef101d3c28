using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Middlebox.Negotiation.Addresses;

/// <summary>A TCP port.</summary>
/// <param name="Value">0 to 65535, in host byte order.</param>
public readonly record struct PortNumber(ushort Value)
{
    /// <summary>Reads a decimal number from 0 to 65535, without sign, blanks or leading zeros.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PortNumber port) => TryRead(text, out port);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    internal static bool TryRead(ReadOnlySpan<char> text, out PortNumber port)
    {
        var isPort = AddressText.TryReadDecimal(text, ushort.MaxValue, out var value);
        port = isPort ? new PortNumber((ushort)value) : default;
        return isPort;
    }
}
