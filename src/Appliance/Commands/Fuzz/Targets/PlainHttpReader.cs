using System.Text;
using System.Text.RegularExpressions;

namespace Middlebox.Appliance.Commands.Fuzz.Targets;

/// <summary>A second reader of requests, written from the grammar of RFC 9112 and RFC 9110 section 5.</summary>
internal static partial class PlainHttpReader
{
    /// <summary>Method, target and fields in order; null if it is no request that a box takes: with an absolute path, and no field twice.</summary>
    public static (string Method, string Target, List<KeyValuePair<string, string>> Fields)? Read(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return null;
        var lines = text[..end].Split("\r\n");
        var first = RequestLine().Match(lines[0]);
        var fields = lines.Skip(1).Select(line => Field().Match(line)).ToList();
        if (!first.Success || fields.Exists(field => !field.Success))
            return null;
        var names = fields.ConvertAll(field => field.Groups["name"].Value);
        if (names.Distinct(StringComparer.OrdinalIgnoreCase).Count() < names.Count)
            return null;
        return (
            first.Groups["method"].Value,
            first.Groups["target"].Value,
            fields.ConvertAll(field => KeyValuePair.Create(field.Groups["name"].Value, field.Groups["value"].Value.Trim(' ', '\t'))));
    }

    [GeneratedRegex(@"\A(?<method>[!#$%&'*+.^_`|~0-9A-Za-z-]+) (?<target>/[\x21-\x7E]*) HTTP/1\.[0-9]\z")]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"\A(?<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):(?<value>[\t\x20-\x7E\x80-\xFF]*)\z")]
    private static partial Regex Field();
}
