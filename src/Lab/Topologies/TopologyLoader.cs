using System.Text.Json;
using Middlebox.Native;

namespace Middlebox.Lab.Topologies;

/// <summary>Loads topology files.</summary>
public static class TopologyLoader
{
    /// <summary>How such files are read: comments and commas at the end are allowed, the same key twice is not.</summary>
    internal static readonly JsonDocumentOptions Options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="TopologyException">The file cannot be read or used; all its errors are in the exception.</exception>
    public static Topology Load(string path)
    {
        return RegularFile.TryReadText(path, out var text, out var problem)
            ? Parse(text, path)
            : throw new TopologyException(path, [new TopologyError("", problem, "name a topology file that can be read")]);
    }

    /// <summary>Reads and checks a file's content.</summary>
    /// <param name="json">The content.</param>
    /// <param name="path">Where it comes from: gives the name, and the base of relative paths.</param>
    /// <exception cref="TopologyException">The content cannot be used.</exception>
    public static Topology Parse(string json, string path)
    {
        var errors = new List<TopologyError>();
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, Options);
        }
        catch (JsonException exception)
        {
            throw new TopologyException(path, [new TopologyError("", $"is not JSON: {exception.Message.TrimEnd('.')}",
                "mend it at that place")]);
        }
        using (document)
        {
            var fullPath = Path.GetFullPath(path);
            if (TopologyExtension.Resolve(document.RootElement, fullPath, errors) is not { } whole)
                throw new TopologyException(path, errors);
            var topology = new TopologyReader(Path.GetDirectoryName(fullPath)!).Read(
                new JsonSection(whole, "", errors), Path.GetFileNameWithoutExtension(path));
            errors.AddRange(TopologyValidator.Validate(topology));
            return errors.Count == 0 ? topology : throw new TopologyException(path, errors);
        }
    }
}
