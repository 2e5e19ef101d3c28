using Middlebox.Appliance.Commands;
using Middlebox.Appliance.Commands.Package;
using Middlebox.Appliance.Host;

namespace Middlebox.Appliance.Tests.Commands.Package;

/// <summary>What bash itself offers when TAB is pressed behind these words.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class BashCompletionTests
{
    private static readonly string Script = BashCompletion.Write(CommandTree.Create());

    [TestCase("sta", "status")]
    [TestCase("config c", "check")]
    [TestCase("lab run mob", "mobility")]
    [TestCase("trace --cl", "--client")]
    [TestCase("nothing", "")]
    public void Beginning_IsCompleted(string words, string offered) => Assert.That(string.Join(' ', Offered(words)), Is.EqualTo(offered));

    [Test]
    public void EveryVerbAndOption_IsOffered()
    {
        foreach (var verb in Verb.AllOf(CommandTree.Create()))
        {
            var below = verb.Verbs.Select(next => next.Command.Name).Concat(verb.Options.Select(option => option.Name).Where(name => name.StartsWith('-')));
            Assert.That(Offered($"{verb.Path} ".TrimStart()), Is.SupersetOf(below), verb.Path);
        }
    }

    [Test]
    public void HiddenVerbs_AreNotOffered() => Assert.That(Offered("lab "), Does.Not.Contain("element"));

    // Nothing is offered by the script, so that bash offers files.
    [Test]
    public void File_IsLeftToBash() => Assert.That(Offered("run --config "), Is.Empty);

    [Test]
    public void OptionWithAClosedListOfValues_OffersThem() =>
        Assert.That(Offered("bench --haproxy "), Is.EquivalentTo(new[] { "mptcpize", "listener" }));

    private static string[] Offered(string words)
    {
        var typed = $"middlebox {words}".Split(' ');
        var list = string.Join(' ', typed.Select(word => $"'{word}'"));
        var run = Tool.Run(["bash", "-u", "-c", $"{Script}\nCOMP_WORDS=({list}); COMP_CWORD={typed.Length - 1}; _middlebox; printf '%s\\n' \"${{COMPREPLY[@]}}\""]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        return run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
