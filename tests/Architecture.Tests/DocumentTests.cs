using System.Text.RegularExpressions;

namespace Middlebox.Architecture.Tests;

/// <summary>What a renderer would silently show wrongly: a table without a head is text full of bars, a picture that has moved is a hole.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed partial class DocumentTests
{
    private static readonly string[] Documents =
    [
        Path.Combine(SourceTree.Root, "README.md"),
        .. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md").Order(),
    ];

    [TestCaseSource(nameof(Documents))]
    public void Tables_BeginWithAHead_AndEachRowHasItsCells(string document)
    {
        var faults = new List<string>();
        var row = 0;
        var cells = 0;
        foreach (var line in TextOutsideOfCode(document))
        {
            row = line.StartsWith('|') ? row + 1 : 0;
            if (row == 1)
                cells = CellsOf(line);
            else if (row > 1 && (CellsOf(line) != cells || (row == 2 && !Delimiter().IsMatch(line))))
                faults.Add(line);
        }

        Assert.That(faults, Is.Empty);
    }

    [TestCaseSource(nameof(Documents))]
    public void LinksToFiles_LeadSomewhere(string document)
    {
        var missing =
            from line in TextOutsideOfCode(document)
            from Match link in Link().Matches(line)
            let target = link.Groups["target"].Value
            where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#')
            where !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target.Split('#')[0]))
            select target;

        Assert.That(missing, Is.Empty);
    }

    private static IEnumerable<string> TextOutsideOfCode(string document)
    {
        var inCode = false;
        foreach (var line in File.ReadLines(document))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                inCode = !inCode;
            else if (!inCode && !line.StartsWith("    ", StringComparison.Ordinal))
                yield return line;
        }
    }

    /// <summary>A bar behind a backslash separates nothing.</summary>
    private static int CellsOf(string line) => NotASeparator().Replace(line, "").Count(character => character == '|');

    [GeneratedRegex(@"^\|( *:?-+:? *\|)+ *$")]
    private static partial Regex Delimiter();

    [GeneratedRegex(@"\\\|")]
    private static partial Regex NotASeparator();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
