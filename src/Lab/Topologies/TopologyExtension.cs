using System.Text.Json;
using System.Text.Json.Nodes;
using Middlebox.Native;

namespace Middlebox.Lab.Topologies;

/// <summary>
/// Resolves <c>"extends": "NAME"</c>: the file is NAME.json beside it, with another description, other boxes' configurations and
/// settings, and more for its hosts and links. Objects are merged key by key, everything else is replaced. Which hosts and links there are is the base's.
/// </summary>
internal static class TopologyExtension
{
    private const string Extends = "extends";

    private static readonly string[] Overridable = ["description", "hosts", "links", "boxes", "elements"];

    /// <summary>The whole file: as it is if it extends none, else merged into its base.</summary>
    /// <param name="file">The content of the file.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="errors">Receives what is wrong with the extension; the merged content is for others to judge.</param>
    /// <param name="extending">The files that extend this one, nearest last.</param>
    /// <returns>Null if there is no base to merge it into.</returns>
    public static JsonElement? Resolve(
        JsonElement file, string path, List<TopologyError> errors, IReadOnlyList<string>? extending = null)
    {
        if (file.ValueKind != JsonValueKind.Object || !file.TryGetProperty(Extends, out _))
            return file;
        var section = new JsonSection(file, "", errors);
        section.AllowOnly([Extends, .. Overridable]);
        var name = section.RequiredText(Extends);
        if (LoadBase(section, name, path, errors, [.. extending ?? [], path]) is not { } whole)
            return null;

        CheckKnown(section, whole, "hosts", "host");
        CheckKnown(section, whole, "links", "link");
        var merged = JsonObject.Create(whole)!;
        Merge(merged, JsonObject.Create(file)!.Where(member => Overridable.Contains(member.Key)));
        return JsonSerializer.SerializeToElement(merged);
    }

    private static JsonElement? LoadBase(
        JsonSection section, string name, string path, List<TopologyError> errors, IReadOnlyList<string> extending)
    {
        var directory = Path.GetDirectoryName(path)!;
        var basePath = Path.Combine(directory, $"{name}.json");
        if (name.Length == 0 || Path.GetFileName(name) != name || !File.Exists(basePath))
        {
            section.Fail(Extends, $"there is no {basePath}", "name a topology file beside this one, without its extension");
            return null;
        }

        if (extending.Contains(basePath))
        {
            var circle = extending.Append(basePath).Select(Path.GetFileNameWithoutExtension);
            section.Fail(Extends, $"leads back to where it began: {string.Join(", ", circle)}", "extend a file that stands by itself");
            return null;
        }

        return ReadBase(section, basePath, errors, extending);
    }

    private static JsonElement? ReadBase(
        JsonSection section, string basePath, List<TopologyError> errors, IReadOnlyList<string> extending)
    {
        var own = new List<TopologyError>();
        JsonElement? whole = null;
        try
        {
            if (!RegularFile.TryReadText(basePath, out var text, out var problem))
            {
                own.Add(new TopologyError("", problem, "make it a file that can be read"));
            }
            else
            {
                using var document = JsonDocument.Parse(text, TopologyLoader.Options);
                whole = Resolve(document.RootElement.Clone(), basePath, own, extending);
                if (whole is { ValueKind: not JsonValueKind.Object })
                    own.Add(new TopologyError("", "is no object", "put it in { }"));
            }
        }
        catch (JsonException exception)
        {
            own.Add(new TopologyError("", $"is not JSON: {exception.Message.TrimEnd('.')}", "mend it at that place"));
        }

        foreach (var error in own)
            errors.Add(error with { KeyPath = section.PathOf(Extends), Problem = $"{Path.GetFileName(basePath)}: {error.KeyPath} {error.Problem}" });
        return own.Count == 0 ? whole : null;
    }

    /// <summary>A host of its own would have no link, and a link of its own no routes over it.</summary>
    private static void CheckKnown(JsonSection section, JsonElement whole, string key, string what)
    {
        var known = whole.TryGetProperty(key, out var members) && members.ValueKind == JsonValueKind.Object
            ? members.EnumerateObject().Select(member => member.Name).ToList()
            : [];
        foreach (var (name, member) in section.Members(key).Where(member => !known.Contains(member.Name)))
            member.Fail($"is no {what} of the file that this one extends", $"use one of {string.Join(", ", known)}");
    }

    private static void Merge(JsonObject whole, IEnumerable<KeyValuePair<string, JsonNode?>> extension)
    {
        foreach (var (key, value) in extension)
        {
            if (value is JsonObject inner && whole[key] is JsonObject existing)
                Merge(existing, inner);
            else
                whole[key] = value?.DeepClone();
        }
    }
}
