using System.CommandLine;
using System.Text.RegularExpressions;
using Middlebox.Appliance.Commands;
using Middlebox.Appliance.Commands.Package;
using Middlebox.Appliance.Host;

namespace Middlebox.Appliance.Tests.Commands.Package;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class ManualPageTests
{
    private static readonly RootCommand Root = CommandTree.Create();

    private static readonly string Page = ManualPage.Write(Root, "1.2.3");

    [Test]
    public void EveryVerb_AndEachOfItsOptions_IsDescribed()
    {
        foreach (var verb in Verb.AllOf(Root).Where(verb => verb.Path.Length > 0))
        {
            // Its words, and its arguments in capitals.
            var section = Page.Split(".SS ").Single(part => Regex.IsMatch(part, $"^{Regex.Escape(Roff(verb.Path))}( [^a-z]*)?\n"));
            foreach (var option in verb.Command.Options.Where(option => !option.Hidden))
            {
                Assert.That(section, Does.Contain($"\\fB{Roff(option.Name)}\\fR"), verb.Path);
                Assert.That(option.Description, Is.Not.Empty.And.Not.Null, $"{verb.Path} {option.Name}");
            }
        }
    }

    [Test]
    public void EveryVerb_HasExamples() =>
        Assert.That(Verb.AllOf(Root).Where(verb => verb.Examples.Count == 0).Select(verb => verb.Path), Is.Empty);

    [Test]
    public void HiddenVerbs_AreNot() => Assert.That(Page, Does.Not.Contain(".SS lab element"));

    // A line that begins with a dot would be a request.
    [Test]
    public void Page_IsUnderstoodByMan()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("middlebox.8"), Page);
        var shown = Tool.Run(["man", "--warnings", "-E", "UTF-8", "-l", directory.File("middlebox.8")]);
        Assert.That((shown.ExitCode, shown.Error), Is.EqualTo((0, "")));
        Assert.That(shown.Output, Does.Contain("middlebox - inline appliance").And.Contain("--config FILE").And.Contain("middlebox run --config"));
    }

    private static string Roff(string text) => text.Replace("-", "\\-", StringComparison.Ordinal);
}
