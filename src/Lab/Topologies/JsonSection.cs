using System.Text.Json;

namespace Middlebox.Lab.Topologies;

/// <summary>
/// One value of a JSON file with its key path, read without ever throwing: what is missing, of the wrong kind or unknown
/// becomes an entry in the list of errors that all sections of a file share, and a neutral value is returned.
/// </summary>
internal sealed class JsonSection(JsonElement element, string path, List<TopologyError> errors)
{
    /// <summary>The key path, for example <c>links.wifi.ends[0]</c>.</summary>
    public string Path { get; } = path;

    /// <summary>The key path of one of its keys.</summary>
    public string PathOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    /// <summary>Where the value itself is a string.</summary>
    public string Text()
    {
        if (element.ValueKind == JsonValueKind.String)
            return element.GetString()!;
        Fail($"is {Kind(element)}, not a string", "put it in quotes");
        return "";
    }

    /// <summary>Refuses keys that are not among the known ones.</summary>
    public void AllowOnly(params ReadOnlySpan<string> known)
    {
        if (!IsObject())
            return;
        foreach (var property in element.EnumerateObject())
        {
            if (!known.Contains(property.Name))
                Fail(property.Name, "is not a known key", $"use one of {string.Join(", ", known)}");
        }
    }

    /// <summary>The value of a key, or null when it is absent.</summary>
    public JsonSection? Find(string key) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out var value)
            ? new JsonSection(value, PathOf(key), errors)
            : null;

    /// <summary>A string that must be there.</summary>
    public string RequiredText(string key)
    {
        if (Find(key) is { } section)
            return section.Text();
        if (element.ValueKind == JsonValueKind.Object)
            Fail(key, "is missing", "add it");
        return "";
    }

    /// <summary>A string that may be absent.</summary>
    public string? OptionalText(string key) => Find(key)?.Text();

    /// <summary>True or false, false when absent.</summary>
    public bool Flag(string key)
    {
        if (Find(key) is not { } section)
            return false;
        if (element.GetProperty(key).ValueKind is JsonValueKind.True or JsonValueKind.False)
            return element.GetProperty(key).GetBoolean();
        section.Fail("is not a truth value", "write true or false");
        return false;
    }

    /// <summary>A whole number within limits, or null when it is absent.</summary>
    public int? Integer(string key, int smallest, int largest)
    {
        if (Find(key) is not { } section)
            return null;
        return section.Integer(smallest, largest);
    }

    /// <summary>The value itself as a whole number within limits.</summary>
    public int? Integer(int smallest, int largest)
    {
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var number)
            && number >= smallest && number <= largest)
        {
            return number;
        }
        Fail("is not a whole number in range", $"write a number from {smallest} to {largest}");
        return null;
    }

    /// <summary>A number from 0 to 1, or null when it is absent.</summary>
    public double? Share(string key)
    {
        if (Find(key) is not { } section)
            return null;
        var value = element.GetProperty(key);
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var share) && share is >= 0 and <= 1)
            return share;
        section.Fail("is not a share", "write a number from 0 to 1, 0.01 for one per cent");
        return null;
    }

    /// <summary>The elements of an array, none when the key is absent.</summary>
    public IReadOnlyList<JsonSection> Items(string key)
    {
        if (Find(key) is not { } section)
            return [];
        var value = element.GetProperty(key);
        if (value.ValueKind == JsonValueKind.Array)
            return [.. value.EnumerateArray().Select((item, index) => new JsonSection(item, $"{section.Path}[{index}]", errors))];
        section.Fail($"is {Kind(value)}, not a list", "put it in [ ]");
        return [];
    }

    /// <summary>The members of an object in the order of the file, none when the key is absent.</summary>
    public IReadOnlyList<(string Name, JsonSection Value)> Members(string key)
    {
        if (Find(key) is not { } section || !section.IsObject())
            return [];
        return [.. element.GetProperty(key).EnumerateObject()
            .Select(member => (member.Name, new JsonSection(member.Value, section.PathOf(member.Name), errors)))];
    }

    /// <summary>An object whose values are strings; numbers and truth values are taken as written.</summary>
    public IReadOnlyDictionary<string, string> TextMap(string key)
    {
        var map = new Dictionary<string, string>();
        foreach (var (name, value) in Members(key))
            map[name] = value.Scalar();
        return map;
    }

    /// <summary>Records an error of this section.</summary>
    public void Fail(string problem, string remedy) => errors.Add(new TopologyError(Path, problem, remedy));

    /// <summary>Records an error of a key of this section.</summary>
    public void Fail(string key, string problem, string remedy) =>
        errors.Add(new TopologyError(PathOf(key), problem, remedy));

    private string Scalar()
    {
        if (element.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            return element.GetRawText();
        return Text();
    }

    private bool IsObject()
    {
        if (element.ValueKind == JsonValueKind.Object)
            return true;
        Fail($"is {Kind(element)}, not an object", "put it in { }");
        return false;
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a truth value",
    };
}
