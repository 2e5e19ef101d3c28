using System.Globalization;
using System.Text.RegularExpressions;
using Middlebox.Lab.Tests.Lab;

namespace Middlebox.Lab.Tests.Readme;

/// <summary>Types what docs/tutorial.md says, from the first command to the last, and looks whether it comes out as it says.</summary>
[LabRequirement]
[NonParallelizable]
public sealed class TutorialTests
{
    [TearDown]
    public Task RemoveLab() => Laboratory.DownAsync("tutorial");

    [Test]
    [CancelAfter(180_000)]
    public async Task Tutorial_FromTheFirstCommandToTheLast(CancellationToken cancellation)
    {
        var told = "";
        foreach (var command in DocumentedCommands.Of("docs/tutorial.md"))
        {
            var (exitCode, output) = await DocumentedCommands.TypeAsync(command, cancellation);
            Assert.That(exitCode, Is.Zero, $"{command}\n{output}");
            told += output;
        }

        var bonded = Regex.Matches(told, "bonded: ([0-9]+) byte/s").Select(Rate).ToList();
        var plain = Rate(Regex.Match(told, "plain TCP: ([0-9]+) byte/s"));
        Assert.That(plain, Is.InRange(1_500_000, 2_600_000), "one access");
        Assert.That(bonded, Has.Count.EqualTo(2).And.All.GreaterThan(plain * 1.5), "both");
        Assert.That(told, Does.Contain("serverLegacy").And.Contain("servedElsewhere").And.Contain("noJoinSeen"));
        Assert.That(told, Does.Contain("is faultless."));
    }

    private static double Rate(Match match) => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
}
