using System.Net;
using System.Text.RegularExpressions;

namespace Middlebox.Appliance.Logs;

/// <summary>Takes addresses out of a text: IPv4 and IPv6 in any notation, and packets in hexadecimal, which contain theirs.</summary>
internal static partial class AddressRedaction
{
    public const string Address = "[address]";
    public const string Packet = "[packet]";

    public static string Of(string text)
    {
        text = LongHexadecimal().Replace(text, Packet);
        // First, because the last 32 bits of an IPv6 address may be written as IPv4 (RFC 4291 section 2.2).
        text = MaybeIpv6().Replace(text, WithoutAddress);
        return Ipv4().Replace(text, Address);
    }

    /// <summary>A colon before or behind an address may be the sentence's.</summary>
    private static string WithoutAddress(Match match)
    {
        foreach (var (before, behind) in new[] { (0, 0), (0, 1), (1, 0), (1, 1) })
        {
            var (start, end) = (before, match.Length - behind);
            if (start < end
                && match.ValueSpan[..start].Trim(':').IsEmpty
                && match.ValueSpan[end..].Trim(':').IsEmpty
                && IPAddress.TryParse(match.ValueSpan[start..end], out _))
                return $"{match.Value[..start]}{Address}{match.Value[end..]}";
        }

        return match.Value;
    }

    // The shortest TCP segment over IPv4 takes 40 bytes; nothing else that is logged is as long.
    [GeneratedRegex(@"\b[0-9A-Fa-f]{64,}\b")]
    private static partial Regex LongHexadecimal();

    [GeneratedRegex(@"(?<![0-9A-Fa-f:])[0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f]*(?:\.\d{1,3}){0,3}(?:%\w+)?")]
    private static partial Regex MaybeIpv6();

    [GeneratedRegex(@"(?<!\d|\d\.)\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)")]
    private static partial Regex Ipv4();
}
