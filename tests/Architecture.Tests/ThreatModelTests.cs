using System.Text.RegularExpressions;

namespace Middlebox.Architecture.Tests;

/// <summary>An answer in docs/threat-model.md without a test that shows it is a hope. That each test is there, <see cref="NamedTestsTests"/> sees to.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed partial class ThreatModelTests
{
    [Test]
    public void EveryAttempt_NamesATest()
    {
        var attempts = SourceTree.Read("docs/threat-model.md").Split('\n').Where(IsAttempt).ToList();
        Assert.That(attempts, Has.Count.GreaterThan(20), "or this test looks for the wrong rows");
        Assert.That(attempts.Where(line => !TestName().IsMatch(line)), Is.Empty);
    }

    // Tables of attempts have three columns, that of assets two.
    private static bool IsAttempt(string line) =>
        line.StartsWith("| ", StringComparison.Ordinal)
        && line.Count(letter => letter == '|') == 4
        && !line.StartsWith("| attempt", StringComparison.Ordinal)
        && !line.StartsWith("| ---", StringComparison.Ordinal);

    [GeneratedRegex(@"`\w+(Tests|Properties)\.\w+`")]
    private static partial Regex TestName();
}
