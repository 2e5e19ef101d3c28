using System.Globalization;
using Middlebox.Negotiation.Keys;

namespace Middlebox.Appliance.Options;

/// <summary>
/// The file of the keys that an operator's boxes and hosts share, one entry a line; # begins a comment:
/// <c>key ID HEX</c> (id 0 to 63, at least 16 bytes), <c>sign ID</c> (the key that signs; one line), <c>proxy ID</c> (each proxy there is).
/// </summary>
/// <remarks>
/// To roll keys: add the new key everywhere, then let it sign everywhere, then remove the old one everywhere.
/// </remarks>
public static class SharedKeyFile
{
    /// <summary>Reads a file and checks who may read it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="keys">The keys, if there are no problems.</param>
    /// <returns>All that is wrong.</returns>
    public static IReadOnlyList<string> Read(string path, out SharedKeys? keys)
    {
        keys = null;
        return PrivateFile.TryReadLines(path, out var lines, out var problem) ? Parse(lines, out keys) : [problem];
    }

    /// <summary>Reads the lines of such a file.</summary>
    /// <returns>All that is wrong, with line numbers; never a key.</returns>
    public static IReadOnlyList<string> Parse(IReadOnlyList<string> lines, out SharedKeys? keys)
    {
        List<string> problems = [];
        var found = new Dictionary<byte, byte[]>();
        var proxies = new HashSet<ushort>();
        byte? signing = null;
        for (var i = 0; i < lines.Count; i++)
        {
            var words = lines[i].Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var problem = words switch
            {
                [] => null,
                ["key", var id, var hex] => ReadKey(id, hex, found),
                ["sign", var id] when signing is null => ReadId(id, 0, SharedKeys.HighestId, value => signing = (byte)value),
                ["sign", ..] => "expected one line: sign ID",
                ["proxy", var id] => ReadId(id, 1, ushort.MaxValue, value => proxies.Add((ushort)value)),
                _ => "expected key ID HEX, sign ID or proxy ID",
            };
            if (problem is not null)
                problems.Add($"line {i + 1}: {problem}");
        }

        if (signing is null && problems.Count == 0)
            problems.Add("no line says which key signs; add: sign ID");
        else if (signing is { } id && !found.ContainsKey(id) && problems.Count == 0)
            problems.Add($"there is no key {id} to sign with");
        keys = problems.Count == 0 ? new SharedKeys(found, signing!.Value, proxies) : null;
        return problems;
    }

    private static string? ReadKey(string id, string hex, Dictionary<byte, byte[]> keys)
    {
        byte number = 0;
        if (ReadId(id, 0, SharedKeys.HighestId, value => number = (byte)value) is { } problem)
            return problem;
        byte[] key;
        try
        {
            key = Convert.FromHexString(hex);
        }
        catch (FormatException)
        {
            return $"key {number} is not hexadecimal";
        }

        if (key.Length < SharedKeys.MinimumKeyLength)
            return $"key {number} has {key.Length} bytes; it needs at least {SharedKeys.MinimumKeyLength}";
        return keys.TryAdd(number, key) ? null : $"key {number} is there twice";
    }

    private static string? ReadId(string text, int lowest, int highest, Action<int> take)
    {
        // What is not an id may be a key in the wrong place, and is not repeated.
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < lowest || value > highest)
            return $"the id must be {lowest} to {highest}";
        take(value);
        return null;
    }
}
