using System.Text.RegularExpressions;

namespace Middlebox.Architecture.Tests;

/// <summary>Where things are: a reader finds a type by its name, and reads it to the end.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed partial class FileTests
{
    private const int MostLines = 400;

    private static IEnumerable<string> Projects => SourceTree.Projects;

    [TestCaseSource(nameof(Projects))]
    public void File_HasTheFileScopedNamespaceOfItsFolder(string project) => Assert.That(
        SourceTree.FilesOf(project)
            .Where(file => Path.GetFileName(file) != "Program.cs")
            .Where(file => !SpacesOf(file).Contains(Namespace().Match(Code(file)).Groups["name"].Value)),
        Is.Empty);

    // Libc and other partial types have a file for each part: Type.Part.cs.
    [TestCaseSource(nameof(Projects))]
    public void File_HoldsTheOneTypeOfItsName(string project) => Assert.That(
        SourceTree.FilesOf(project)
            .Where(file => Path.GetFileName(file) != "Program.cs")
            .Select(file => (file, types: TopLevelTypes(file)))
            .Where(pair => pair.types.Count != 1 || pair.types[0] != Path.GetFileName(pair.file).Split('.')[0])
            .Select(pair => $"{pair.file}: {string.Join(", ", pair.types)}"),
        Is.Empty);

    [TestCaseSource(nameof(Projects))]
    public void File_IsNotTooLong(string project) => Assert.That(
        SourceTree.FilesOf(project).Where(file => SourceTree.Read(file).Count(c => c == '\n') > MostLines), Is.Empty);

    [Test]
    public void TypesOfAFile_AreFound() => Assert.That(
        TypesIn("namespace X;\npublic sealed record A(int B);\n\ninternal readonly ref struct C\n{\n    class D;\n}\npublic enum E\n"),
        Is.EqualTo(new[] { "A", "C", "E" }));

    private static string Code(string file) => CodeText.Of(SourceTree.Read(file));

    private static List<string> TopLevelTypes(string file) => TypesIn(Code(file));

    // With a file-scoped namespace a type that begins its line is no nested one.
    private static List<string> TypesIn(string code) =>
        [.. TopLevelType().Matches(code).Select(match => match.Groups["name"].Value)];

    // Kernel structures and their calls are sorted into folders, but are one namespace, as they are one C library.
    private static IEnumerable<string> SpacesOf(string file)
    {
        var folders = Path.GetDirectoryName(file)!.Split('/')[1..];
        yield return string.Join('.', [nameof(Middlebox), .. folders]);
        if (folders[0] == "Native")
            yield return "Middlebox.Native";
    }

    [GeneratedRegex(@"^namespace (?<name>[A-Za-z0-9_.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|static|sealed|abstract|readonly|ref|partial|unsafe) )*"
        + @"(?:record struct|record class|class|struct|interface|enum|record|delegate \S+) (?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex TopLevelType();
}
