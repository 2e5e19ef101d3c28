using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Middlebox.Architecture.Tests;

/// <summary>The repository as it lies on disk.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    /// <summary>Names of the projects under src.</summary>
    public static IReadOnlyList<string> Projects { get; } =
        [.. Directory.GetDirectories(Path.Combine(Root, "src")).Select(path => Path.GetFileName(path)!).Order()];

    /// <summary>Every C# file of a project, relative to the root.</summary>
    public static IReadOnlyList<string> FilesOf(string project) =>
    [
        .. Directory.GetFiles(Path.Combine(Root, "src", project), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path))
            .Where(path => !path.Split('/').Any(part => part is "obj" or "bin"))
            .Order(),
    ];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>What a project file says in elements of this name.</summary>
    public static IReadOnlyList<string> Includes(string project, string element) =>
    [
        .. XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj")).Descendants(element)
            .Select(item => (string?)item.Attribute("Include") ?? item.Value),
    ];

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));
}
