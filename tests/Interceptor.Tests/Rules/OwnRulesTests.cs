using Middlebox.Interceptor.Rules;

namespace Middlebox.Interceptor.Tests.Rules;

[Parallelizable(ParallelScope.All)]
public sealed class OwnRulesTests
{
    private const string Saved = """
        # Generated
        *mangle
        :FORWARD ACCEPT [12:3456]
        :MBX-FORWARD - [7:89]
        :MBX-FROM-FORWARD - [0:0]
        -A FORWARD -m comment --comment "see -j MBX-FORWARD" -j ACCEPT
        -A FORWARD -i lan0 -j MBX-FORWARD
        -A FORWARD -j MBX-FORWARD
        -A MBX-FORWARD -j NFQUEUE --queue-num 4200
        -A MBX-FROM-FORWARD -j MBX-FORWARD
        COMMIT
        *filter
        :INPUT DROP [1:2]
        -A INPUT -j ACCEPT
        COMMIT
        """;

    [Test]
    public void ChainsRulesAndJumps_WithoutCountersAndWhatIsOthers() => Assert.That(
        In(Saved),
        Is.EqualTo(new[]
        {
            "*mangle", ":MBX-FORWARD", ":MBX-FROM-FORWARD", "-A FORWARD -j MBX-FORWARD", "-A MBX-FORWARD -j NFQUEUE --queue-num 4200",
            "-A MBX-FROM-FORWARD -j MBX-FORWARD",
        }));

    [Test]
    public void OthersRulesComeAndGo_Same() => Assert.That(
        In(Saved.Replace("-A INPUT -j ACCEPT\n", "") + "\n*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT"), Is.EqualTo(In(Saved)));

    // Also those that lead to a chain of the box's, before its own jump and behind.
    [TestCase("-A FORWARD -i lan0 -j MBX-FORWARD\n", "")]
    [TestCase("-A FORWARD -j MBX-FORWARD\n", "-A FORWARD -j MBX-FORWARD\n-A FORWARD -i lan1 -g MBX-FORWARD\n")]
    public void OthersJumpsComeAndGo_Same(string line, string next) => Assert.That(In(Saved.Replace(line, next)), Is.EqualTo(In(Saved)));

    [Test]
    public void CopiesAreGone_TheJumpThatWasKnownIsStillTheBoxs()
    {
        var known = In(Saved);
        var flushed = Saved.Replace("-A MBX-FROM-FORWARD -j MBX-FORWARD\n", "");
        Assert.That(OwnRules.In(flushed, known), Is.EqualTo(known.Where(line => !line.StartsWith("-A MBX-FROM"))));
        Assert.That(In(flushed), Does.Not.Contain("-A FORWARD -j MBX-FORWARD"));
    }

    [TestCase("-A FORWARD -j MBX-FORWARD\n")]
    [TestCase("-A MBX-FORWARD -j NFQUEUE --queue-num 4200\n")]
    [TestCase(":MBX-FORWARD - [7:89]\n")]
    public void OneOfThemIsGone_Differs(string line) =>
        Assert.That(In(Saved.Replace(line, "")), Is.Not.EqualTo(In(Saved)));

    [Test]
    public void Nothing_Empty() => Assert.That(In(""), Is.Empty);

    private static IReadOnlyList<string> In(string saved) => OwnRules.In(saved, []);
}
