using System.Text.Json;
using System.Text.Json.Nodes;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>A box's own configuration file, which a test may rewrite while the box serves. It begins as a copy of a shipped one.</summary>
public sealed class BoxConfiguration : IDisposable
{
    private static readonly JsonDocumentOptions Comments = new() { CommentHandling = JsonCommentHandling.Skip };

    private readonly string _directory = Directory.CreateTempSubdirectory("middlebox-test-").FullName;
    private readonly string _shipped;

    public BoxConfiguration(string shipped)
    {
        _shipped = File.ReadAllText(shipped);
        FilePath = Path.Combine(_directory, "box.json");
        Write(_ => { });
    }

    public string FilePath { get; }

    /// <summary>Replaces the file by the shipped one with changes in its section Middlebox.</summary>
    public void Write(Action<JsonObject> change)
    {
        var root = JsonNode.Parse(_shipped, documentOptions: Comments)!;
        change(root["Middlebox"]!.AsObject());
        Write(root.ToJsonString());
    }

    /// <summary>Replaces the file, in one step as an editor does that is careful.</summary>
    public void Write(string text)
    {
        var draft = Path.Combine(_directory, "draft");
        File.WriteAllText(draft, text);
        File.Move(draft, FilePath, overwrite: true);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
