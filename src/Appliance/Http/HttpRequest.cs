using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Middlebox.Appliance.Http;

/// <summary>The head of a request (RFC 9112 section 3). Bodies are not read: nothing here takes one.</summary>
/// <param name="Method">Such as GET; case counts.</param>
/// <param name="Path">The target before its question mark, as it came.</param>
/// <param name="Query">The decoded names and values behind it; of a name that comes twice the first.</param>
/// <param name="Fields">The fields; their names in any case. One that comes twice is refused before it gets here.</param>
internal sealed record HttpRequest(
    string Method, string Path, IReadOnlyDictionary<string, string> Query, IReadOnlyDictionary<string, string> Fields)
{
    private static readonly SearchValues<char> TokenLetters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // All that a value must not have but the tabulator (RFC 9110 section 5.5).
    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Append(0x7F).Select(code => (char)code).Where(letter => letter != '\t')]);

    /// <summary>Reads a head without its empty line.</summary>
    /// <param name="head">The request line and the fields, with CRLF between.</param>
    /// <param name="request">The request, if it is one.</param>
    public static bool TryParse(string head, [NotNullWhen(true)] out HttpRequest? request)
    {
        request = null;
        var lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [{ Length: > 0 } method, ['/', ..] target, ['H', 'T', 'T', 'P', '/', '1', '.', >= '0' and <= '9']]
            || !IsToken(method)
            || target.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return false;
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            // Two different values of one field, blanks before the colon, or a lone CR are read differently by different readers
            // (RFC 9112 sections 2.2 and 5.1).
            if (colon < 1
                || !IsToken(line.AsSpan(0, colon))
                || line.AsSpan(colon + 1).ContainsAny(Controls)
                || !fields.TryAdd(line[..colon], line[(colon + 1)..].Trim(' ', '\t')))
                return false;
        }

        var parts = target.Split('?', 2);
        request = new HttpRequest(method, parts[0], ReadQuery(parts.ElementAtOrDefault(1) ?? ""), fields);
        return true;
    }

    /// <summary>What methods and names of fields are (RFC 9110 section 5.6.2).</summary>
    private static bool IsToken(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(TokenLetters);

    private static Dictionary<string, string> ReadQuery(string text)
    {
        var query = new Dictionary<string, string>();
        foreach (var pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = pair.Split('=', 2);
            query.TryAdd(Decode(words[0]), Decode(words.ElementAtOrDefault(1) ?? ""));
        }

        return query;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
