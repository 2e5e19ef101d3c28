using System.Reflection;
using System.Text.Json;

namespace Middlebox.Appliance.Options;

/// <summary>
/// Holds a configuration file's sections, lists and nulls against the type they are to be bound to. Once they are keys and values, null, an empty text, an
/// empty list and an empty section are one and the same, and a section that is none of its own would be all defaults.
/// </summary>
internal static class ConfigurationShape
{
    private static readonly JsonDocumentOptions Json = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>What stands in the place of a section or a list, and sections and lists with nothing in them in the place of a value.</summary>
    /// <param name="content">The file, valid JSON with an object at its root.</param>
    /// <param name="section">Name of the section in it.</param>
    /// <param name="type">What it is to be bound to.</param>
    public static IReadOnlyList<ConfigurationError> Check(byte[] content, string section, Type type)
    {
        // Decoded as the reader of the keys and values does it.
        using var reader = new StreamReader(new MemoryStream(content));
        using var document = JsonDocument.Parse(reader.ReadToEnd(), Json);
        return [.. Named(document.RootElement, section).SelectMany(element => Check(element, section, type))];
    }

    private static IEnumerable<ConfigurationError> Check(JsonElement element, string path, Type type)
    {
        if (ConfigurationSchema.ItemTypeOf(type) is { } itemType)
            return CheckList(element, path, itemType);
        if (ConfigurationSchema.IsRecord(type))
            return CheckRecord(element, path, type);
        return IsEmpty(element) ? [Fault(path, ConfigurationSchema.Expectation(type), element)] : [];
    }

    private static IEnumerable<ConfigurationError> CheckRecord(JsonElement element, string path, Type type)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return [Fault(path, "a section { ... }", element)];
        return type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)
            .SelectMany(property => Named(element, property.Name).SelectMany(child => Check(child, $"{path}:{property.Name}", property.PropertyType)));
    }

    private static IEnumerable<ConfigurationError> CheckList(JsonElement element, string path, Type itemType) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany((item, index) => Check(item, $"{path}:{index}", itemType)),
        // Of one with keys, each key is told to be none of a list's.
        JsonValueKind.Object when !IsEmpty(element) => [],
        _ => [Fault(path, "a list [ ... ]", element)],
    };

    private static IEnumerable<JsonElement> Named(JsonElement section, string name) => section.EnumerateObject()
        .Where(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(property => property.Value);

    private static bool IsEmpty(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.GetArrayLength() == 0,
        JsonValueKind.Object => element.GetPropertyCount() == 0,
        _ => false,
    };

    private static ConfigurationError Fault(string path, string expected, JsonElement found) => new(path, $"expected {expected}, found " + found.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "a section",
        _ => "a value",
    });
}
