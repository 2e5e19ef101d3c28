using System.Text.Json;
using System.Text.Json.Serialization;

namespace Middlebox.Appliance.Options;

/// <summary>Which keys differ between two configurations, and which of them may change while the box serves.</summary>
public static class ConfigurationDifference
{
    // What follows from other keys is no key.
    private static readonly JsonSerializerOptions Json = new()
    {
        Converters = { new JsonStringEnumConverter() },
        IgnoreReadOnlyProperties = true,
    };

    /// <summary>Keys, and sections with all their keys.</summary>
    private static readonly string[] Changeable =
    [
        "Mode",
        "StopPatience",
        "Policy:",
        "Explicit:",
        "Addressed:KeyFile",
        "Addressed:RequireTag",
        "HostProxy:KeyFile",
        "Negotiation:MaxContextsPerSource",
        "Negotiation:ServerTimeout",
        "Negotiation:ClientTimeout",
        "Negotiation:RepeatsWithMpCapable",
        "ProxyEngine:AnnouncedAddresses",
        "ProxyEngine:MaxSubflows",
        "ProxyEngine:Uplinks",
        "ProxyEngine:Uplinks:",
    ];

    /// <summary>The keys that differ and would need a restart, as errors.</summary>
    public static IReadOnlyList<ConfigurationError> NeedingRestart(MiddleboxOptions current, MiddleboxOptions next)
    {
        var before = Flatten(current);
        var after = Flatten(next);
        return
        [
            .. before.Keys.Union(after.Keys)
                .Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key))
                .Where(key => !IsChangeable(key))
                .Select(key => new ConfigurationError(
                    $"{MiddleboxOptions.Section}:{key}", "cannot change while this daemon serves; start another with it (\"middlebox upgrade\" keeps connections), or put back what it was")),
        ];
    }

    /// <summary>Whether a key, without the section <c>Middlebox</c>, may change while the box serves.</summary>
    public static bool IsChangeable(string key) => Changeable.Any(changeable => IsOrIsIn(key, changeable));

    private static bool IsOrIsIn(string key, string changeable) =>
        key == changeable || (changeable.EndsWith(':') && key.StartsWith(changeable, StringComparison.Ordinal));

    private static Dictionary<string, string> Flatten(MiddleboxOptions options)
    {
        var values = new Dictionary<string, string>();
        Visit(JsonSerializer.SerializeToElement(options, Json), "");
        return values;

        void Visit(JsonElement element, string path)
        {
            if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in element.EnumerateObject())
                    Visit(property.Value, path.Length == 0 ? property.Name : $"{path}:{property.Name}");
            }
            else
            {
                values[path] = element.GetRawText();
            }
        }
    }
}
