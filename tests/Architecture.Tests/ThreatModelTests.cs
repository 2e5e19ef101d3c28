using System.Text.RegularExpressions;

namespace Middlebox.Architecture.Tests;

/// <summary>Each test that docs/threat-model.md names is there: an answer without one is a hope.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed partial class ThreatModelTests
{
    private static readonly Dictionary<string, string> TextOfClass = Directory
        .EnumerateFiles(Path.Combine(SourceTree.Root, "tests"), "*.cs", SearchOption.AllDirectories)
        .GroupBy(file => Path.GetFileNameWithoutExtension(file)!)
        .ToDictionary(files => files.Key, files => string.Concat(files.Select(File.ReadAllText)));

    private static string Document => SourceTree.Read("docs/threat-model.md");

    [Test]
    public void EveryTestNamed_IsThere() => Assert.That(
        Names(Document).Where(name => !Exists(name.Fixture, name.Test)).Select(name => $"{name.Fixture}.{name.Test}"), Is.Empty);

    [Test]
    public void EveryRow_NamesATest() => Assert.That(
        Document.Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Count(letter => letter == '|') == 4)
            .Where(line => !line.StartsWith("| attempt", StringComparison.Ordinal) && !line.StartsWith("| ---", StringComparison.Ordinal))
            .Where(line => !Names(line).Any()),
        Is.Empty);

    [TestCase("ThreatModelTests", "EveryTestNamed_IsThere", true)]
    [TestCase("ThreatModelTests", "*", true)]
    [TestCase("ThreatModelTests", "EveryTest", false)]
    [TestCase("NoSuchTests", "*", false)]
    public void Existence_IsSeen(string fixture, string test, bool expected) => Assert.That(Exists(fixture, test), Is.EqualTo(expected));

    private static bool Exists(string fixture, string test) =>
        TextOfClass.TryGetValue(fixture, out var text) && (test == "*" || text.Contains($" {test}(", StringComparison.Ordinal));

    private static IEnumerable<(string Fixture, string Test)> Names(string text) =>
        Name().Matches(text).Select(match => (match.Groups["fixture"].Value, match.Groups["test"].Value));

    [GeneratedRegex(@"`(?<fixture>\w+(?:Tests|Properties))\.(?<test>\w+|\*)`")]
    private static partial Regex Name();
}
