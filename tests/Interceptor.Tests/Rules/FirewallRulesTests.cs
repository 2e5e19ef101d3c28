using System.Text.RegularExpressions;
using Middlebox.Interceptor.Rules;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.Tests.Rules;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed partial class FirewallRulesTests
{
    private const string ListenAddress4 = "192.0.0.8";
    private const string ListenAddress6 = "100::8684";

    private static readonly string[] KernelTargets = ["ACCEPT", "DROP", "RETURN", "NFQUEUE", "SET", "TPROXY", "MARK", "CONNMARK", "CT", "REJECT"];

    private static readonly string[] Announced = ["198.18.5.1:8684", "[2001:db8:5::1]:8684"];

    [Test]
    public void Ipv4_OneQueue_NoConntrack() => Assert.That(
        Write(RuleFamily.IPv4, conntrack: false, queues: 1),
        Is.EqualTo("""
            *raw
            :MBX-RAW-SYN - [0:0]
            :MBX-RAW-IN - [0:0]
            :MBX-RAW-SOCKET - [0:0]
            :MBX-RAW-OUT - [0:0]
            -I PREROUTING 1 -p tcp -m socket --transparent --restore-skmark -j MBX-RAW-SOCKET
            -I PREROUTING 1 -p tcp ! --tcp-flags SYN,RST NONE -j MBX-RAW-SYN
            -A MBX-RAW-SYN -i mbx0 -j MBX-RAW-IN
            -I OUTPUT 1 -m mark --mark 0x2000000/0xf000000 -j MBX-RAW-OUT
            -A MBX-RAW-IN -j MARK --set-xmark 0x1000000/0xf000000
            -A MBX-RAW-IN -j CT --notrack
            -A MBX-RAW-IN -j ACCEPT
            -A MBX-RAW-SOCKET -p tcp --tcp-flags SYN SYN -m mark --mark 0x0/0xf000000 -j RETURN
            -A MBX-RAW-SOCKET -m mark ! --mark 0x3000000/0xf000000 -j CT --notrack
            -A MBX-RAW-SOCKET -j MARK --set-xmark 0x1000000/0xf000000
            -A MBX-RAW-OUT -j CT --notrack
            COMMIT
            *mangle
            :MBX-PREROUTING - [0:0]
            :MBX-OUTPUT - [0:0]
            :MBX-DIVERT - [0:0]
            :MBX-FORWARD - [0:0]
            :MBX-QUEUE - [0:0]
            :MBX-CLAIMS - [0:0]
            :MBX-UPGRADES - [0:0]
            :MBX-ICMP - [0:0]
            -I PREROUTING 1 -p icmp -j MBX-ICMP
            -I PREROUTING 1 -m mark ! --mark 0x0/0xf000000 -j MBX-PREROUTING
            -I OUTPUT 1 -p tcp ! --tcp-flags SYN,RST NONE -j MBX-OUTPUT
            -A FORWARD -p tcp ! --tcp-flags SYN,RST NONE -j MBX-FORWARD
            -A MBX-PREROUTING -i mbx0 -p tcp -j TPROXY --on-ip 192.0.0.8 --on-port 0 --tproxy-mark 0x1000000/0xf000000
            -A MBX-PREROUTING -i mbx0 -j DROP
            -A MBX-PREROUTING -m mark --mark 0x1000000/0xf000000 -j ACCEPT
            -A MBX-ICMP -p icmp --icmp-type destination-unreachable -m socket --transparent -j MBX-DIVERT
            -A MBX-ICMP -p icmp --icmp-type time-exceeded -m socket --transparent -j MBX-DIVERT
            -A MBX-OUTPUT -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK -m mark --mark 0x2000000/0xf000000 -j MBX-CLAIMS
            -A MBX-OUTPUT -p tcp --tcp-flags SYN,ACK,RST,FIN RST -m mark --mark 0x2000000/0xf000000 -j MBX-QUEUE
            -A MBX-OUTPUT -p tcp --tcp-flags SYN,ACK,RST,FIN RST -m mark --mark 0x0/0xf000000 -m addrtype ! --src-type LOCAL -j MBX-QUEUE
            -A MBX-DIVERT -j MARK --set-xmark 0x1000000/0xf000000
            -A MBX-DIVERT -j ACCEPT
            -A MBX-QUEUE -j NFQUEUE --queue-num 4200 --queue-bypass
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN --tcp-option 30 -j MBX-QUEUE
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN ! --tcp-option 30 -j MBX-UPGRADES
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK -j MBX-QUEUE
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN RST -j MBX-QUEUE
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN RST,ACK -m u32 --u32 "0>>22&0x3C@4=0" -j MBX-QUEUE
            COMMIT
            *filter
            :MBX-FILTER-IN - [0:0]
            :MBX-FILTER-OUT - [0:0]
            :MBX-ANNOUNCED - [0:0]
            -I INPUT 1 -j MBX-FILTER-IN
            -I OUTPUT 1 -m mark ! --mark 0x0/0xf000000 -j MBX-FILTER-OUT
            -A MBX-FILTER-IN -m mark --mark 0x1000000/0xf000000 -j ACCEPT
            -A MBX-FILTER-IN -j MBX-ANNOUNCED
            -A MBX-FILTER-OUT -p tcp --tcp-flags SYN,ACK,RST,FIN SYN -m mark --mark 0x2000000/0xf000000 -j REJECT --reject-with tcp-reset
            -A MBX-FILTER-OUT -m mark --mark 0x2000000/0xf000000 -j ACCEPT
            -A MBX-FILTER-OUT -m mark --mark 0x3000000/0xf000000 -j ACCEPT
            COMMIT

            """));

    [Test]
    public void Ipv6_FourQueues_Conntrack() => Assert.That(
        Write(RuleFamily.IPv6, conntrack: true, queues: 4),
        Is.EqualTo("""
            *raw
            :MBX-RAW-SYN - [0:0]
            :MBX-RAW-IN - [0:0]
            :MBX-RAW-SOCKET - [0:0]
            :MBX-RAW-OUT - [0:0]
            -I PREROUTING 1 -p tcp -m socket --transparent --restore-skmark -j MBX-RAW-SOCKET
            -I PREROUTING 1 -p tcp ! --tcp-flags SYN,RST NONE -j MBX-RAW-SYN
            -A MBX-RAW-SYN -i mbx0 -j MBX-RAW-IN
            -I OUTPUT 1 -m mark --mark 0x2000000/0xf000000 -j MBX-RAW-OUT
            -A MBX-RAW-IN -j MARK --set-xmark 0x1000000/0xf000000
            -A MBX-RAW-IN -j CT --notrack
            -A MBX-RAW-IN -j ACCEPT
            -A MBX-RAW-SOCKET -p tcp --tcp-flags SYN SYN -m mark --mark 0x0/0xf000000 -j RETURN
            -A MBX-RAW-SOCKET -m mark ! --mark 0x3000000/0xf000000 -j CT --notrack
            -A MBX-RAW-SOCKET -j MARK --set-xmark 0x1000000/0xf000000
            -A MBX-RAW-OUT -j CT --notrack
            COMMIT
            *mangle
            :MBX-PREROUTING - [0:0]
            :MBX-SOCKET - [0:0]
            :MBX-OUTPUT - [0:0]
            :MBX-DIVERT - [0:0]
            :MBX-FORWARD - [0:0]
            :MBX-QUEUE - [0:0]
            :MBX-CLAIMS - [0:0]
            :MBX-UPGRADES - [0:0]
            -I PREROUTING 1 -j MBX-PREROUTING
            -I OUTPUT 1 -j MBX-OUTPUT
            -A FORWARD -p tcp ! --tcp-flags SYN,RST NONE -j MBX-FORWARD
            -A MBX-PREROUTING -i mbx0 -p tcp -j TPROXY --on-ip 100::8684 --on-port 0 --tproxy-mark 0x1000000/0xf000000
            -A MBX-PREROUTING -i mbx0 -j DROP
            -A MBX-PREROUTING -m mark --mark 0x1000000/0xf000000 -j ACCEPT
            -A MBX-PREROUTING -p tcp -m socket --transparent --restore-skmark -j MBX-SOCKET
            -A MBX-SOCKET -p tcp --tcp-flags SYN SYN -m mark --mark 0x0/0xf000000 -j RETURN
            -A MBX-SOCKET -j MBX-DIVERT
            -A MBX-PREROUTING -p icmpv6 --icmpv6-type packet-too-big -m socket --transparent -j MBX-DIVERT
            -A MBX-PREROUTING -p icmpv6 --icmpv6-type destination-unreachable -m socket --transparent -j MBX-DIVERT
            -A MBX-PREROUTING -p icmpv6 --icmpv6-type time-exceeded -m socket --transparent -j MBX-DIVERT
            -A MBX-PREROUTING -p tcp -m conntrack --ctdir REPLY -m connmark --mark 0x3000000/0xf000000 -j MBX-DIVERT
            -A MBX-OUTPUT -p tcp -m mark --mark 0x3000000/0xf000000 -j CONNMARK --set-xmark 0x3000000/0xf000000
            -A MBX-OUTPUT -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK -m mark --mark 0x2000000/0xf000000 -j MBX-CLAIMS
            -A MBX-OUTPUT -p tcp --tcp-flags SYN,ACK,RST,FIN RST -m mark --mark 0x2000000/0xf000000 -j MBX-QUEUE
            -A MBX-OUTPUT -p tcp --tcp-flags SYN,ACK,RST,FIN RST -m mark --mark 0x0/0xf000000 -m addrtype ! --src-type LOCAL -j MBX-QUEUE
            -A MBX-DIVERT -j MARK --set-xmark 0x1000000/0xf000000
            -A MBX-DIVERT -j ACCEPT
            -A MBX-QUEUE -j NFQUEUE --queue-balance 4200:4203 --queue-bypass
            -A MBX-FORWARD -m conntrack --ctstate DNAT -j RETURN
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN --tcp-option 30 -j MBX-QUEUE
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN ! --tcp-option 30 -j MBX-UPGRADES
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK -j MBX-QUEUE
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN RST -j MBX-QUEUE
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN RST,ACK -m u32 --u32 "44=0" -j MBX-QUEUE
            COMMIT
            *filter
            :MBX-FILTER-IN - [0:0]
            :MBX-FILTER-OUT - [0:0]
            :MBX-ANNOUNCED - [0:0]
            -I INPUT 1 -j MBX-FILTER-IN
            -I OUTPUT 1 -m mark ! --mark 0x0/0xf000000 -j MBX-FILTER-OUT
            -A MBX-FILTER-IN -m mark --mark 0x1000000/0xf000000 -j ACCEPT
            -A MBX-FILTER-IN -j MBX-ANNOUNCED
            -A MBX-FILTER-OUT -p tcp --tcp-flags SYN,ACK,RST,FIN SYN -m mark --mark 0x2000000/0xf000000 -j REJECT --reject-with tcp-reset
            -A MBX-FILTER-OUT -m mark --mark 0x2000000/0xf000000 -j ACCEPT
            -A MBX-FILTER-OUT -m mark --mark 0x3000000/0xf000000 -j ACCEPT
            COMMIT

            """));

    [Test]
    public void Ipv4_Conntrack_AddsTheLookBehindTranslationsAndTheBypassOfRedirectedConnections() => Assert.That(
        Write(RuleFamily.IPv4, conntrack: true, queues: 1).Split('\n')
            .Except(Write(RuleFamily.IPv4, conntrack: false, queues: 1).Split('\n')),
        Is.EqualTo(new[]
        {
            ":MBX-SOCKET - [0:0]",
            "-I PREROUTING 1 -j MBX-PREROUTING",
            "-A MBX-PREROUTING -p tcp -m socket --transparent --restore-skmark -j MBX-SOCKET",
            "-A MBX-SOCKET -p tcp --tcp-flags SYN SYN -m mark --mark 0x0/0xf000000 -j RETURN",
            "-A MBX-SOCKET -j MBX-DIVERT",
            "-A MBX-PREROUTING -p icmp --icmp-type destination-unreachable -m socket --transparent -j MBX-DIVERT",
            "-A MBX-PREROUTING -p icmp --icmp-type time-exceeded -m socket --transparent -j MBX-DIVERT",
            "-A MBX-FORWARD -m conntrack --ctstate DNAT -j RETURN",
        }));

    [Test]
    public void Conntrack_EverySegmentsSocketIsLookedForBehindTranslations([Values] RuleFamily family) => Assert.That(
        Write(family, conntrack: true, queues: 1), Does.Contain("-I PREROUTING 1 -j MBX-PREROUTING\n"));

    [Test]
    public void HasSets_OnlyTheAnswersToSynsThatAskForMptcpAreQueued() => Assert.That(
        Write(RuleFamily.IPv6, conntrack: false, queues: 1, hasSets: true).Split('\n')
            .Except(Write(RuleFamily.IPv6, conntrack: false, queues: 1).Split('\n')),
        Is.EqualTo(new[]
        {
            ":MBX-REMEMBER - [0:0]",
            "-A MBX-OUTPUT -p tcp --tcp-flags SYN,ACK,RST,FIN RST -m mark --mark 0x0/0xf000000 -m set --match-set MBX-SYN6 dst,dst,src -j MBX-QUEUE",
            "-A MBX-QUEUE -m set --match-set MBX-ALIVE6 src -j NFQUEUE --queue-num 4200 --queue-bypass",
            "-A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN --tcp-option 30 -j MBX-REMEMBER",
            "-A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK -m set --match-set MBX-SYN6 dst,dst,src -j MBX-QUEUE",
            "-A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN RST -m set --match-set MBX-SYN6 dst,dst,src -j MBX-QUEUE",
            "-A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN RST,ACK -m u32 --u32 \"44=0\" -m set --match-set MBX-SYN6 dst,dst,src -j MBX-QUEUE",
        }));

    [Test]
    public void Adaptation_Remembers_ForAsLongAsAHandshakeMayTake() => Assert.That(
        Adapt(RuleFamily.IPv4, all: false, queues: 1, hasSets: true).Split('\n'),
        Does.Contain("-A MBX-REMEMBER -j SET --add-set MBX-SYN4 src,src,dst --exist --timeout 61"));

    // Their answers must be queued too, which needs the entry in the set.
    [Test]
    public void Adaptation_Upgrades_SynsWithoutMptcpAreRememberedAndQueued() => Assert.That(
        Adapt(RuleFamily.IPv4, all: true, queues: 1, hasSets: true).Split('\n').Where(line => line.StartsWith("-A MBX-UPGRADES")),
        Is.EqualTo(new[] { "-A MBX-UPGRADES -j MBX-REMEMBER", "-A MBX-UPGRADES -j MBX-QUEUE" }));

    [Test]
    public void Adaptation_Ipv6_ClaimsUpgradesAndAnnounced() => Assert.That(
        Adapt(RuleFamily.IPv6, all: true, queues: 4, Announced),
        Is.EqualTo("""
            *mangle
            :MBX-CLAIMS - [0:0]
            :MBX-UPGRADES - [0:0]
            -A MBX-CLAIMS -j MBX-QUEUE
            -A MBX-UPGRADES -j MBX-QUEUE
            COMMIT
            *filter
            :MBX-ANNOUNCED - [0:0]
            -A MBX-ANNOUNCED -p tcp -d 2001:db8:5::1 --dport 8684 -j ACCEPT
            COMMIT

            """));

    // With --noflush a declared chain is emptied: what was adapted to before does not stay.
    [Test]
    public void Adaptation_NoClaims_NoUpgrades_NothingAnnounced_EmptiesTheChains([Values] RuleFamily family) => Assert.That(
        Adapt(family, all: false, queues: 1),
        Is.EqualTo("""
            *mangle
            :MBX-CLAIMS - [0:0]
            :MBX-UPGRADES - [0:0]
            COMMIT
            *filter
            :MBX-ANNOUNCED - [0:0]
            COMMIT

            """));

    [Test]
    public void Adaptation_TouchesNoChainThatIsNotInstalled([Values] RuleFamily family)
    {
        var installed = Tables(Write(family, conntrack: false, queues: 1)).ToDictionary(part => part.Table, part => part.Lines);
        foreach (var (table, lines) in Tables(Adapt(family, all: true, queues: 1, Announced)))
            Assert.That(lines.Where(line => line.StartsWith(':')), Is.SubsetOf(installed[table]), table);
    }

    // A rule that asks for the tracked state makes the kernel track everything.
    [Test]
    public void NoConntrack_NoRuleAsksForTheTrackedState([Values] RuleFamily family)
    {
        var text = Write(family, conntrack: false, queues: 4) + Adapt(family, all: true, queues: 4, Announced);
        Assert.That(text, Does.Not.Contain("conntrack"));
        Assert.That(text, Does.Not.Contain("connmark").IgnoreCase);
    }

    [Test]
    public void Announced_EachFamilyHasItsOwn([Values] RuleFamily family)
    {
        var added = Adapt(family, all: false, queues: 1, Announced).Split('\n')
            .Except(Adapt(family, all: false, queues: 1).Split('\n'));
        var address = family == RuleFamily.IPv4 ? "198.18.5.1" : "2001:db8:5::1";
        Assert.That(added, Is.EqualTo(new[] { $"-A MBX-ANNOUNCED -p tcp -d {address} --dport 8684 -j ACCEPT" }));
    }

    [TestCase(1, "--queue-num 4200")]
    [TestCase(2, "--queue-balance 4200:4201")]
    [TestCase(64, "--queue-balance 4200:4263")]
    public void Queues_OneRuleNamesTheWholeRange(int queues, string expected)
    {
        var text = Write(RuleFamily.IPv4, conntrack: false, queues) + Adapt(RuleFamily.IPv4, all: true, queues);
        Assert.That(
            text.Split('\n').Where(line => line.Contains("NFQUEUE")),
            Is.EqualTo(new[] { $"-A MBX-QUEUE -j NFQUEUE {expected} --queue-bypass" }));
    }

    [Test]
    public void Options_DeviceAndMarksAreThoseConfigured()
    {
        var text = new FirewallRules(
            new InterceptorOptions { Device = "tap-7", FirstQueue = 9 }, PacketMarks.Parse("0x30"), conntrack: true, hasSets: true)
            .Installation(RuleFamily.IPv6, ListenAddress6);
        Assert.That(text, Does.Not.Contain("mbx0").And.Not.Contain("0xf000000"));
        Assert.That(text, Does.Contain("-i tap-7 ").And.Contain("--mark 0x20/0x30 ").And.Contain("--queue-num 9 "));
    }

    /// <summary>Nothing that is not ours is touched, but for one jump to each chain that is hung into one of the kernel's.</summary>
    [Test]
    public void EveryRule_IsInAnOwnChain_OrIsTheOneJumpToIt(
        [Values] RuleFamily family, [Values] bool conntrack, [Values(1, 4)] int queues, [Values] bool hasSets)
    {
        foreach (var (table, lines) in Tables(
            Write(family, conntrack, queues, hasSets) + Adapt(family, all: true, queues, hasSets, Announced)))
        {
            var own = lines.Where(line => line.StartsWith(':')).Select(line => line[1..^" - [0:0]".Length]).ToList();
            Assert.That(own, Is.Unique.And.All.StartsWith(FirewallRules.ChainPrefix), table);
            var jumps = lines.Where(line => JumpLine().IsMatch(line)).ToList();
            Assert.That(jumps.Select(line => JumpLine().Match(line).Groups["to"].Value), Is.Unique, table);
            foreach (var line in lines.Where(line => !line.StartsWith(':')).Except(jumps))
            {
                var rule = OwnRuleLine().Match(line);
                Assert.That(rule.Success, Is.True, line);
                Assert.That(own, Does.Contain(rule.Groups["chain"].Value), line);
                Assert.That(own.Concat(KernelTargets), Does.Contain(rule.Groups["target"].Value), line);
            }

            var targets = lines.Where(line => line.StartsWith('-')).Select(line => TargetOf().Match(line).Groups["target"].Value);
            Assert.That(own, Is.SubsetOf(targets.ToList()), $"{table}: a chain that nothing leads to");
        }
    }

    // iptables-restore and iptables-save must agree on the names: 28 characters are the longest.
    [Test]
    public void ChainNames_AreNotTooLong([Values] RuleFamily family) =>
        Assert.That(
            Write(family, conntrack: true, queues: 1).Split('\n').Where(line => line.StartsWith(':')),
            Has.All.Length.LessThanOrEqualTo(28 + ":".Length + " - [0:0]".Length));

    [GeneratedRegex("^-[AI] [A-Z]+( 1)?( .+)? -j (?<to>MBX-[A-Z-]+)$")]
    private static partial Regex JumpLine();

    [GeneratedRegex("^-A (?<chain>MBX-[A-Z-]+) (.* )?-j (?<target>[A-Z-]+)( --.*)?$")]
    private static partial Regex OwnRuleLine();

    [GeneratedRegex("-j (?<target>[A-Z-]+)")]
    private static partial Regex TargetOf();

    private static string Write(RuleFamily family, bool conntrack, int queues, bool hasSets = false) =>
        Rules(conntrack, queues, hasSets).Installation(family, family == RuleFamily.IPv4 ? ListenAddress4 : ListenAddress6);

    private static string Adapt(RuleFamily family, bool all, int queues, params string[] announced) =>
        Adapt(family, all, queues, hasSets: false, announced);

    private static string Adapt(RuleFamily family, bool all, int queues, bool hasSets, params string[] announced) =>
        Rules(conntrack: false, queues, hasSets)
            .Adaptation(family, upgrades: all, claims: all, announced.Select(HostEndpoint.Parse), TimeSpan.FromSeconds(60));

    private static FirewallRules Rules(bool conntrack, int queues, bool hasSets) =>
        new(new InterceptorOptions { Queues = queues }, PacketMarks.Parse("0x0f000000"), conntrack, hasSets);

    /// <summary>The lines of each table, wherever in the text they are.</summary>
    private static IEnumerable<(string Table, List<string> Lines)> Tables(string text) => text
        .Split("COMMIT\n", StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        .GroupBy(lines => lines[0], lines => lines[1..])
        .Select(table => (table.Key, table.SelectMany(lines => lines).Distinct().ToList()));
}
