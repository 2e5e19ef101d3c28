using System.Globalization;
using System.Text;

namespace Middlebox.Negotiation.Addresses;

// Text forms of addresses: strict dotted decimal, IPv6 as of RFC 4291 section 2.2, canonical output as of RFC 5952
// section 4. Stricter than the framework's parser, which takes "1" and "0x7f.1" for IPv4 addresses: a typing error in a
// policy must not become another prefix. Called at configuration and display time only.

/// <summary>Reads and writes the text form of addresses.</summary>
internal static class AddressText
{
    private const int GroupCount = 8;

    /// <summary>Reads an address into network byte order.</summary>
    /// <returns>Octets written: 4, 16, or 0 when the text is not an address.</returns>
    public static int TryRead(ReadOnlySpan<char> text, Span<byte> octets)
    {
        if (!text.Contains(':'))
            return TryReadIpv4(text, octets) ? HostAddress.Ipv4Length : 0;

        return TryReadIpv6(text, octets) ? HostAddress.Ipv6Length : 0;
    }

    /// <summary>Writes 4 or 16 octets as canonical text.</summary>
    public static string Write(ReadOnlySpan<byte> octets) =>
        octets.Length == HostAddress.Ipv4Length
            ? string.Create(CultureInfo.InvariantCulture, $"{octets[0]}.{octets[1]}.{octets[2]}.{octets[3]}")
            : WriteIpv6(octets);

    /// <summary>Reads a decimal number without sign, blanks or leading zeros.</summary>
    public static bool TryReadDecimal(ReadOnlySpan<char> digits, int maximum, out int value)
    {
        value = 0;
        if (digits.IsEmpty || digits.Length > 5 || (digits.Length > 1 && digits[0] == '0'))
            return false;

        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
                return false;
            value = (value * 10) + (digit - '0');
        }

        return value <= maximum;
    }

    private static bool TryReadIpv4(ReadOnlySpan<char> text, Span<byte> octets)
    {
        for (var i = 0; i < HostAddress.Ipv4Length; i++)
        {
            var end = i == HostAddress.Ipv4Length - 1 ? text.Length : text.IndexOf('.');
            if (end < 0 || !TryReadDecimal(text[..end], byte.MaxValue, out var value))
                return false;

            octets[i] = (byte)value;
            text = text[Math.Min(end + 1, text.Length)..];
        }

        return true;
    }

    private static bool TryReadIpv6(ReadOnlySpan<char> text, Span<byte> octets)
    {
        octets = octets[..HostAddress.Ipv6Length];
        octets.Clear();
        var gap = text.IndexOf("::", StringComparison.Ordinal);
        if (gap < 0)
            return TryReadGroups(text, octets) == octets.Length;

        Span<byte> tail = stackalloc byte[HostAddress.Ipv6Length];
        var head = TryReadGroups(text[..gap], octets);
        var rest = TryReadGroups(text[(gap + 2)..], tail);

        // "::" stands for at least one group; an embedded IPv4 address may only come last.
        if (head < 0 || rest < 0 || head + rest > octets.Length - 2 || text[..gap].Contains('.'))
            return false;

        tail[..rest].CopyTo(octets[^rest..]);
        return true;
    }

    // Returns the octets written, or -1. Empty text is no group at all.
    private static int TryReadGroups(ReadOnlySpan<char> text, Span<byte> octets)
    {
        var written = 0;
        while (!text.IsEmpty)
        {
            var colon = text.IndexOf(':');
            var group = colon < 0 ? text : text[..colon];
            if (colon < 0 && group.Contains('.'))
            {
                return written + HostAddress.Ipv4Length <= octets.Length && TryReadIpv4(group, octets[written..])
                    ? written + HostAddress.Ipv4Length
                    : -1;
            }

            if (written + 2 > octets.Length || group.Length is 0 or > 4 || colon == text.Length - 1
                || !ushort.TryParse(group, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                return -1;

            octets[written++] = (byte)(value >> 8);
            octets[written++] = (byte)value;
            text = colon < 0 ? [] : text[(colon + 1)..];
        }

        return written;
    }

    private static string WriteIpv6(ReadOnlySpan<byte> octets)
    {
        var (gapStart, gapLength) = LongestZeroRun(octets);
        var text = new StringBuilder(39);
        for (var i = 0; i < GroupCount; i++)
        {
            if (i == gapStart)
            {
                text.Append("::");
                i += gapLength - 1;
                continue;
            }

            if (i > 0 && i != gapStart + gapLength)
                text.Append(':');
            text.Append(CultureInfo.InvariantCulture, $"{(octets[2 * i] << 8) | octets[(2 * i) + 1]:x}");
        }

        return text.ToString();
    }

    // RFC 5952 section 4.2: the first of the longest runs, and never a single group.
    private static (int Start, int Length) LongestZeroRun(ReadOnlySpan<byte> octets)
    {
        var best = (Start: -1, Length: 1);
        for (var i = 0; i < GroupCount; i++)
        {
            var start = i;
            while (i < GroupCount && octets[2 * i] == 0 && octets[(2 * i) + 1] == 0)
                i++;
            if (i - start > best.Length)
                best = (start, i - start);
        }

        return best.Start < 0 ? (-1, 0) : best;
    }
}
