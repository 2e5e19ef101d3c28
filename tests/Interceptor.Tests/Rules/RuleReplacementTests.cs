using Middlebox.Interceptor.Rules;

namespace Middlebox.Interceptor.Tests.Rules;

/// <summary>What is there is as iptables-save writes it.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RuleReplacementTests
{
    private const string Installation = """
        *raw
        :MBX-RAW-PRE - [0:0]
        COMMIT
        *mangle
        :MBX-QUEUE - [0:0]
        :MBX-REMEMBER - [0:0]
        -I OUTPUT 1 -p tcp --tcp-flags SYN,ACK,RST,FIN SYN -j MBX-QUEUE
        -A FORWARD -j MBX-REMEMBER
        -A MBX-QUEUE -j NFQUEUE
        COMMIT

        """;

    private const string Adaptation = "*mangle\n:MBX-REMEMBER - [0:0]\n-A MBX-REMEMBER -j SET\nCOMMIT\n";

    // As they are after an installation, with rules of the administrator's before, between and behind.
    private const string Saved = """
        *mangle
        :FORWARD ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :MBX-FROM-FORWARD - [0:0]
        :MBX-FROM-OUTPUT - [0:0]
        :MBX-QUEUE - [0:0]
        :MBX-REMEMBER - [0:0]
        -A FORWARD -s 203.0.113.9/32 -j DROP
        -A FORWARD -i lan0 -j MBX-REMEMBER
        -A FORWARD -j MBX-REMEMBER
        -A FORWARD -j LOG
        -A OUTPUT -d 203.0.113.9/32 -j DROP
        -A OUTPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j MBX-QUEUE
        -A MBX-FROM-FORWARD -j MBX-REMEMBER
        -A MBX-FROM-OUTPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j MBX-QUEUE
        -A MBX-QUEUE -j NFQUEUE
        -A MBX-REMEMBER -j SET
        COMMIT

        """;

    // Between two transactions a SYN would pass that is not remembered, and its answer would not be queued.
    [Test]
    public void NothingIsThere_EachTableIsOneTransaction_WithCopiesOfTheJumps() => Assert.That(
        RuleReplacement.Of("*mangle\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j LOG\nCOMMIT\n", [], Installation, Adaptation),
        Is.EqualTo("""
            *raw
            :MBX-RAW-PRE - [0:0]
            COMMIT
            *mangle
            :MBX-QUEUE - [0:0]
            :MBX-REMEMBER - [0:0]
            :MBX-FROM-OUTPUT - [0:0]
            :MBX-FROM-FORWARD - [0:0]
            -A MBX-FROM-OUTPUT -p tcp --tcp-flags SYN,ACK,RST,FIN SYN -j MBX-QUEUE
            -A MBX-FROM-FORWARD -j MBX-REMEMBER
            -I OUTPUT 1 -p tcp --tcp-flags SYN,ACK,RST,FIN SYN -j MBX-QUEUE
            -A FORWARD -j MBX-REMEMBER
            -A MBX-QUEUE -j NFQUEUE
            -A MBX-REMEMBER -j SET
            COMMIT

            """));

    [Test]
    public void JumpsAreThere_NoneIsTouched_NorAnyRuleOfTheAdministrators()
    {
        var replacement = RuleReplacement.Of(Saved, [], Installation, Adaptation);
        Assert.That(LinesFor(replacement, "FORWARD", "OUTPUT"), Is.Empty);
        Assert.That(replacement, Does.Not.Contain("-X ").And.Contain(":MBX-QUEUE - [0:0]\n").And.Contain("-A MBX-QUEUE -j NFQUEUE\n"));
    }

    [Test]
    public void JumpIsGone_OnlyItIsInstalled() => Assert.That(
        LinesFor(RuleReplacement.Of(Without("-A FORWARD -j MBX-REMEMBER\n"), [], Installation, Adaptation), "FORWARD", "OUTPUT"),
        Is.EqualTo(new[] { "-A FORWARD -j MBX-REMEMBER" }));

    // A crash, or a rule set that was loaded twice.
    [Test]
    public void JumpIsThereTwice_BothGiveWayToOne() => Assert.That(
        LinesFor(
            RuleReplacement.Of(Saved.Replace("-A FORWARD -j LOG\n", "-A FORWARD -j MBX-REMEMBER\n"), [], Installation, Adaptation), "FORWARD", "OUTPUT"),
        Is.EqualTo(new[] { "-D FORWARD -j MBX-REMEMBER", "-D FORWARD -j MBX-REMEMBER", "-A FORWARD -j MBX-REMEMBER" }));

    // The chain is flushed that has the copies: what is in the same words as the box's own is the box's.
    [Test]
    public void CopiesAreGone_JumpsStayInTheirPlace() => Assert.That(
        LinesFor(RuleReplacement.Of(Without("-A MBX-FROM-FORWARD -j MBX-REMEMBER\n"), [], Installation, Adaptation), "FORWARD", "OUTPUT"), Is.Empty);

    [Test]
    public void JumpOfAnotherVersion_GivesWay()
    {
        const string Other = "-A OUTPUT -j MBX-QUEUE";
        var saved = Saved.Replace("-A OUTPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j MBX-QUEUE", Other);
        var expected = new[] { "-D OUTPUT -j MBX-QUEUE", "-I OUTPUT 1 -p tcp --tcp-flags SYN,ACK,RST,FIN SYN -j MBX-QUEUE" };
        Assert.That(
            LinesFor(RuleReplacement.Of(saved.Replace("-A MBX-FROM-OUTPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN", "-A MBX-FROM-OUTPUT"), [], Installation, ""), "OUTPUT"),
            Is.EqualTo(expected));
        Assert.That(LinesFor(RuleReplacement.Of(saved, [Other], Installation, ""), "OUTPUT"), Is.EqualTo(expected));
    }

    // The mode or the configuration has changed between two daemons.
    [Test]
    public void ChainsAndTablesThatAreNotInstalledAnyMore_AreRemoved_ButForThoseToWhichTheAdministratorsRulesLead()
    {
        var replacement = RuleReplacement.Of(
            Saved + "*nat\n:MBX-NAT - [0:0]\n:MBX-FROM-PREROUTING - [0:0]\n-A PREROUTING -j MBX-NAT\n-A MBX-FROM-PREROUTING -j MBX-NAT\nCOMMIT\n",
            [], "*mangle\n:MBX-QUEUE - [0:0]\nCOMMIT\n", "");
        Assert.That(
            replacement,
            Is.EqualTo("""
                *mangle
                -D FORWARD -j MBX-REMEMBER
                -D OUTPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j MBX-QUEUE
                -F MBX-FROM-FORWARD
                -F MBX-FROM-OUTPUT
                -F MBX-REMEMBER
                :MBX-QUEUE - [0:0]
                -X MBX-FROM-FORWARD
                -X MBX-FROM-OUTPUT
                COMMIT
                *nat
                -D PREROUTING -j MBX-NAT
                -F MBX-NAT
                -F MBX-FROM-PREROUTING
                -X MBX-NAT
                -X MBX-FROM-PREROUTING
                COMMIT

                """));
    }

    private static string Without(string line) => Saved.Replace(line, "");

    private static IEnumerable<string> LinesFor(string replacement, params string[] chains) =>
        replacement.Split('\n').Where(line => line.Split(' ') is [['-', ..], var chain, ..] && chains.Contains(chain));
}
