using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Middlebox.Appliance.Options.Reference;

/// <summary>Everything that can be said of the configuration without one: its keys, and a JSON schema for editors, both made from the options records.</summary>
internal sealed class ConfigurationReference
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    private readonly XmlDocumentation _documentation = new();

    public ConfigurationReference() => Keys = [.. KeysOf(typeof(MiddleboxOptions), new MiddleboxOptions(), "")];

    /// <summary>Every key, in the order of the records.</summary>
    public IReadOnlyList<ConfigurationKey> Keys { get; }

    /// <summary>A value as it is written in the file.</summary>
    public static string? Write(object? value) => value is null ? null : JsonSerializer.Serialize(value, Json);

    /// <summary>The keys that a path names: one key, or all of a section; letters' case and the leading <c>Middlebox:</c> do not matter.</summary>
    public IReadOnlyList<ConfigurationKey> Find(string path)
    {
        var prefix = $"{MiddleboxOptions.Section}:";
        var name = (path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? path[prefix.Length..] : path).TrimEnd(':');
        return
        [
            .. Keys.Where(key =>
                key.Path.Equals(name, StringComparison.OrdinalIgnoreCase)
                || key.Path.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)),
        ];
    }

    /// <summary>JSON schema, draft 2020-12, of a configuration file.</summary>
    public string Schema()
    {
        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Configuration of Middlebox",
            ["type"] = "object",
            ["required"] = new JsonArray(MiddleboxOptions.Section),
            ["properties"] = new JsonObject
            {
                ["$schema"] = new JsonObject { ["type"] = "string" },
                [MiddleboxOptions.Section] = SchemaOf(typeof(MiddleboxOptions)),
            },
        };
        return root.ToJsonString(new JsonSerializerOptions
        {
            WriteIndented = true,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
    }

    private IEnumerable<ConfigurationKey> KeysOf(Type section, object defaults, string prefix)
    {
        foreach (var property in PropertiesOf(section))
        {
            var path = prefix + property.Name;
            var item = ConfigurationSchema.ItemTypeOf(property.PropertyType);
            if (ConfigurationSchema.IsRecord(item ?? property.PropertyType))
            {
                var nested = item is null ? property.GetValue(defaults)! : Activator.CreateInstance(item)!;
                foreach (var key in KeysOf(item ?? property.PropertyType, nested, item is null ? $"{path}:" : $"{path}:0:"))
                    yield return key;
                continue;
            }

            yield return new ConfigurationKey(
                path, property.PropertyType, Write(property.GetValue(defaults)), _documentation.Of(property), ConfigurationDifference.IsChangeable(path));
        }
    }

    private JsonObject SchemaOf(Type type)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        if (ConfigurationSchema.ItemTypeOf(type) is { } item)
            return new JsonObject { ["type"] = "array", ["items"] = SchemaOf(item) };
        if (ConfigurationSchema.IsRecord(target))
            return SchemaOfRecord(target);
        return target switch
        {
            { IsEnum: true } => new JsonObject { ["enum"] = new JsonArray([.. Enum.GetNames(target).Select(name => (JsonNode)name)]) },
            _ when target == typeof(bool) => new JsonObject { ["type"] = "boolean" },
            _ when target == typeof(double) => new JsonObject { ["type"] = "number" },
            _ when target == typeof(TimeSpan) => new JsonObject { ["type"] = "string", ["pattern"] = @"^(\d+\.)?\d{1,2}:\d{2}(:\d{2}(\.\d{1,7})?)?$" },
            _ when target == typeof(string) => new JsonObject { ["type"] = "string" },
            _ => new JsonObject { ["type"] = "integer" },
        };
    }

    private JsonObject SchemaOfRecord(Type record)
    {
        var properties = new JsonObject();
        var defaults = Activator.CreateInstance(record)!;
        foreach (var property in PropertiesOf(record))
        {
            var schema = SchemaOf(property.PropertyType);
            if (_documentation.Of(property) is { Length: > 0 } description)
                schema["description"] = description;
            var isSection = ConfigurationSchema.IsRecord(property.PropertyType) && ConfigurationSchema.ItemTypeOf(property.PropertyType) is null;
            if (!isSection && Write(property.GetValue(defaults)) is { } value)
                schema["default"] = JsonNode.Parse(value);
            properties[property.Name] = schema;
        }

        var result = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        if (_documentation.Of(record) is { Length: > 0 } summary)
            result["description"] = summary;
        return result;
    }

    private static IEnumerable<PropertyInfo> PropertiesOf(Type record) =>
        record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite);
}
