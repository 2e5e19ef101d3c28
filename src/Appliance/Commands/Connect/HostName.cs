using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Commands.Connect;

/// <summary>A host as a user writes it: a name that can be looked up, or an address.</summary>
internal static class HostName
{
    // RFC 1035 section 2.3.4, without the dots' own octets at both ends.
    private const int Longest = 253;

    /// <summary>A sentence on what is wrong with it; null if nothing is.</summary>
    public static string? ProblemOf(string text)
    {
        if (HostAddress.TryParse(text, out _))
            return null;
        if (text.Length == 0)
            return "no host is named";
        if (text.Contains(':'))
            return $"'{text}' is no IPv6 address";
        var isName = text.Length <= Longest && char.IsLetterOrDigit(text[0]) && text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.');
        return isName ? null : $"'{text}' is neither a name nor an address";
    }
}
