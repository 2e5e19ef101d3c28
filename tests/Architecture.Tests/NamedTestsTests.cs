using System.Text.RegularExpressions;

namespace Middlebox.Architecture.Tests;

/// <summary>Documents that promise something name the tests that show it; a promise must not outlive its test.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed partial class NamedTestsTests
{
    [Test]
    public void TestsNamedInDocuments_Exist()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .ToLookup(path => Path.GetFileNameWithoutExtension(path));
        var named =
            from document in Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md")
            from Match match in TestName().Matches(File.ReadAllText(document))
            select (Document: Path.GetFileName(document), Class: match.Groups["class"].Value, Method: match.Groups["method"].Value);
        Assert.That(named, Is.Not.Empty);

        var missing = named.Where(test => !sources[test.Class].Any(path => File.ReadAllText(path).Contains($" {test.Method}(", StringComparison.Ordinal)));

        Assert.That(missing, Is.Empty);
    }

    [GeneratedRegex(@"`(?<class>\w+(?:Tests|Properties))\.(?<method>\w+)`")]
    private static partial Regex TestName();
}
