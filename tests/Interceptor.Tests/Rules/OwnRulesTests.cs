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
        -A FORWARD -m comment --comment "see -j MBX-FORWARD" -j ACCEPT
        -A FORWARD -j MBX-FORWARD
        -A MBX-FORWARD -j NFQUEUE --queue-num 4200
        COMMIT
        *filter
        :INPUT DROP [1:2]
        -A INPUT -j ACCEPT
        COMMIT
        """;

    [Test]
    public void ChainsRulesAndJumps_WithoutCountersAndWhatIsOthers() => Assert.That(
        OwnRules.In(Saved),
        Is.EqualTo(new[]
        {
            "*mangle", ":MBX-FORWARD", "-A FORWARD -j MBX-FORWARD", "-A MBX-FORWARD -j NFQUEUE --queue-num 4200",
        }));

    [Test]
    public void OthersRulesComeAndGo_Same() => Assert.That(
        OwnRules.In(Saved.Replace("-A INPUT -j ACCEPT\n", "") + "\n*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT"), Is.EqualTo(OwnRules.In(Saved)));

    [TestCase("-A FORWARD -j MBX-FORWARD\n")]
    [TestCase("-A MBX-FORWARD -j NFQUEUE --queue-num 4200\n")]
    [TestCase(":MBX-FORWARD - [7:89]\n")]
    public void OneOfThemIsGone_Differs(string line) =>
        Assert.That(OwnRules.In(Saved.Replace(line, "")), Is.Not.EqualTo(OwnRules.In(Saved)));

    [Test]
    public void Nothing_Empty() => Assert.That(OwnRules.In(""), Is.Empty);
}
