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

    private static readonly string[] KernelTargets = ["ACCEPT", "DROP", "RETURN", "NFQUEUE", "TPROXY", "MARK", "CONNMARK", "CT"];

    private static readonly string[] Announced = ["198.18.5.1:8684", "[2001:db8:5::1]:8684"];

    [Test]
    public void Ipv4_OneQueue_NoConntrack() => Assert.That(
        Write(RuleFamily.IPv4, conntrack: false, queues: 1),
        Is.EqualTo("""
            *raw
            :MBX-RAW-PRE - [0:0]
            :MBX-RAW-OUT - [0:0]
            -I PREROUTING 1 -j MBX-RAW-PRE
            -I OUTPUT 1 -j MBX-RAW-OUT
            -A MBX-RAW-PRE -i mbx0 -j CT --notrack
            -A MBX-RAW-PRE -i mbx0 -j ACCEPT
            -A MBX-RAW-PRE -p tcp -m socket --transparent --restore-skmark -m mark --mark 0x2000000/0xf000000 -j CT --notrack
            -A MBX-RAW-OUT -m mark --mark 0x2000000/0xf000000 -j CT --notrack
            COMMIT
            *mangle
            :MBX-PREROUTING - [0:0]
            :MBX-OUTPUT - [0:0]
            :MBX-DIVERT - [0:0]
            :MBX-FORWARD - [0:0]
            -I PREROUTING 1 -j MBX-PREROUTING
            -I OUTPUT 1 -j MBX-OUTPUT
            -A FORWARD -j MBX-FORWARD
            -A MBX-PREROUTING -i mbx0 -p tcp -j TPROXY --on-ip 192.0.0.8 --on-port 0 --tproxy-mark 0x1000000/0xf000000
            -A MBX-PREROUTING -i mbx0 -j DROP
            -A MBX-PREROUTING -p tcp -m socket --transparent -j MBX-DIVERT
            -A MBX-PREROUTING -p icmp --icmp-type destination-unreachable -m socket --transparent -j MBX-DIVERT
            -A MBX-PREROUTING -p icmp --icmp-type time-exceeded -m socket --transparent -j MBX-DIVERT
            -A MBX-DIVERT -j MARK --set-xmark 0x1000000/0xf000000
            -A MBX-DIVERT -j ACCEPT
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN --tcp-option 30 -j NFQUEUE --queue-num 4200 --queue-bypass
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK -j NFQUEUE --queue-num 4200 --queue-bypass
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN RST,ACK -m u32 --u32 "0>>22&0x3C@4=0" -j NFQUEUE --queue-num 4200 --queue-bypass
            COMMIT
            *filter
            :MBX-FILTER-IN - [0:0]
            :MBX-FILTER-OUT - [0:0]
            -I INPUT 1 -j MBX-FILTER-IN
            -I OUTPUT 1 -j MBX-FILTER-OUT
            -A MBX-FILTER-IN -m mark --mark 0x1000000/0xf000000 -j ACCEPT
            -A MBX-FILTER-OUT -m mark --mark 0x2000000/0xf000000 -j ACCEPT
            -A MBX-FILTER-OUT -m mark --mark 0x3000000/0xf000000 -j ACCEPT
            COMMIT

            """));

    [Test]
    public void Ipv6_FourQueues_Conntrack_Announced() => Assert.That(
        Write(RuleFamily.IPv6, conntrack: true, queues: 4, Announced),
        Is.EqualTo("""
            *raw
            :MBX-RAW-PRE - [0:0]
            :MBX-RAW-OUT - [0:0]
            -I PREROUTING 1 -j MBX-RAW-PRE
            -I OUTPUT 1 -j MBX-RAW-OUT
            -A MBX-RAW-PRE -i mbx0 -j CT --notrack
            -A MBX-RAW-PRE -i mbx0 -j ACCEPT
            -A MBX-RAW-PRE -p tcp -m socket --transparent --restore-skmark -m mark --mark 0x2000000/0xf000000 -j CT --notrack
            -A MBX-RAW-OUT -m mark --mark 0x2000000/0xf000000 -j CT --notrack
            COMMIT
            *mangle
            :MBX-PREROUTING - [0:0]
            :MBX-OUTPUT - [0:0]
            :MBX-DIVERT - [0:0]
            :MBX-FORWARD - [0:0]
            -I PREROUTING 1 -j MBX-PREROUTING
            -I OUTPUT 1 -j MBX-OUTPUT
            -A FORWARD -j MBX-FORWARD
            -A MBX-PREROUTING -i mbx0 -p tcp -j TPROXY --on-ip 100::8684 --on-port 0 --tproxy-mark 0x1000000/0xf000000
            -A MBX-PREROUTING -i mbx0 -j DROP
            -A MBX-PREROUTING -p tcp -m socket --transparent -j MBX-DIVERT
            -A MBX-PREROUTING -p icmpv6 --icmpv6-type packet-too-big -m socket --transparent -j MBX-DIVERT
            -A MBX-PREROUTING -p icmpv6 --icmpv6-type destination-unreachable -m socket --transparent -j MBX-DIVERT
            -A MBX-PREROUTING -p icmpv6 --icmpv6-type time-exceeded -m socket --transparent -j MBX-DIVERT
            -A MBX-PREROUTING -p tcp -m conntrack --ctdir REPLY -m connmark --mark 0x3000000/0xf000000 -j MBX-DIVERT
            -A MBX-OUTPUT -p tcp -m mark --mark 0x3000000/0xf000000 -j CONNMARK --set-xmark 0x3000000/0xf000000
            -A MBX-DIVERT -j MARK --set-xmark 0x1000000/0xf000000
            -A MBX-DIVERT -j ACCEPT
            -A MBX-FORWARD -m conntrack --ctstate DNAT -j RETURN
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN --tcp-option 30 -j NFQUEUE --queue-balance 4200:4203 --queue-bypass
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK -j NFQUEUE --queue-balance 4200:4203 --queue-bypass
            -A MBX-FORWARD -p tcp --tcp-flags SYN,ACK,RST,FIN RST,ACK -m u32 --u32 "44=0" -j NFQUEUE --queue-balance 4200:4203 --queue-bypass
            COMMIT
            *filter
            :MBX-FILTER-IN - [0:0]
            :MBX-FILTER-OUT - [0:0]
            -I INPUT 1 -j MBX-FILTER-IN
            -I OUTPUT 1 -j MBX-FILTER-OUT
            -A MBX-FILTER-IN -m mark --mark 0x1000000/0xf000000 -j ACCEPT
            -A MBX-FILTER-IN -p tcp -d 2001:db8:5::1 --dport 8684 -j ACCEPT
            -A MBX-FILTER-OUT -m mark --mark 0x2000000/0xf000000 -j ACCEPT
            -A MBX-FILTER-OUT -m mark --mark 0x3000000/0xf000000 -j ACCEPT
            COMMIT

            """));

    [Test]
    public void Ipv4_Conntrack_AddsTheBypassOfRedirectedConnectionsOnly() => Assert.That(
        Write(RuleFamily.IPv4, conntrack: true, queues: 1).Split('\n')
            .Except(Write(RuleFamily.IPv4, conntrack: false, queues: 1).Split('\n')),
        Is.EqualTo(new[] { "-A MBX-FORWARD -m conntrack --ctstate DNAT -j RETURN" }));

    // A rule that asks for the tracked state makes the kernel track everything.
    [Test]
    public void NoConntrack_NoRuleAsksForTheTrackedState([Values] RuleFamily family)
    {
        var text = Write(family, conntrack: false, queues: 4, Announced);
        Assert.That(text, Does.Not.Contain("conntrack"));
        Assert.That(text, Does.Not.Contain("connmark").IgnoreCase);
    }

    [Test]
    public void Announced_EachFamilyHasItsOwn([Values] RuleFamily family)
    {
        var added = Write(family, conntrack: false, queues: 1, Announced).Split('\n')
            .Except(Write(family, conntrack: false, queues: 1).Split('\n'));
        var address = family == RuleFamily.IPv4 ? "198.18.5.1" : "2001:db8:5::1";
        Assert.That(added, Is.EqualTo(new[] { $"-A MBX-FILTER-IN -p tcp -d {address} --dport 8684 -j ACCEPT" }));
    }

    [TestCase(1, "--queue-num 4200")]
    [TestCase(2, "--queue-balance 4200:4201")]
    [TestCase(64, "--queue-balance 4200:4263")]
    public void Queues_AllRulesNameTheWholeRange(int queues, string expected)
    {
        var queueing = Write(RuleFamily.IPv4, conntrack: false, queues).Split('\n').Where(line => line.Contains("NFQUEUE"));
        Assert.That(queueing, Has.Exactly(3).EndsWith($"-j NFQUEUE {expected} --queue-bypass"));
    }

    [Test]
    public void Options_DeviceAndMarksAreThoseConfigured()
    {
        var text = new FirewallRules(
            new InterceptorOptions { Device = "tap-7", FirstQueue = 9 }, PacketMarks.Parse("0x30"), true, [])
            .Installation(RuleFamily.IPv6, ListenAddress6);
        Assert.That(text, Does.Not.Contain("mbx0").And.Not.Contain("0xf000000"));
        Assert.That(text, Does.Contain("-i tap-7 ").And.Contain("--mark 0x20/0x30 ").And.Contain("--queue-num 9 "));
    }

    /// <summary>Nothing that is not ours is touched, but for one jump from each chain that something is hung into.</summary>
    [Test]
    public void EveryRule_IsInAnOwnChain_OrIsTheOneJumpToIt(
        [Values] RuleFamily family, [Values] bool conntrack, [Values(1, 4)] int queues)
    {
        foreach (var (table, lines) in Tables(Write(family, conntrack, queues, Announced)))
        {
            var own = lines.Where(line => line.StartsWith(':')).Select(line => line[1..^" - [0:0]".Length]).ToList();
            Assert.That(own, Is.Unique.And.All.StartsWith(FirewallRules.ChainPrefix), table);
            var jumps = lines.Where(line => JumpLine().IsMatch(line)).ToList();
            Assert.That(jumps.Select(line => JumpLine().Match(line).Groups["from"].Value), Is.Unique, table);
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

    [GeneratedRegex("^-[AI] (?<from>[A-Z]+)( 1)? -j MBX-[A-Z-]+$")]
    private static partial Regex JumpLine();

    [GeneratedRegex("^-A (?<chain>MBX-[A-Z-]+) (.* )?-j (?<target>[A-Z-]+)( --.*)?$")]
    private static partial Regex OwnRuleLine();

    [GeneratedRegex("-j (?<target>[A-Z-]+)")]
    private static partial Regex TargetOf();

    private static string Write(RuleFamily family, bool conntrack, int queues, params string[] announced) =>
        new FirewallRules(
            new InterceptorOptions { Queues = queues },
            PacketMarks.Parse("0x0f000000"),
            conntrack,
            announced.Select(HostEndpoint.Parse))
            .Installation(family, family == RuleFamily.IPv4 ? ListenAddress4 : ListenAddress6);

    private static IEnumerable<(string Table, List<string> Lines)> Tables(string text)
    {
        foreach (var part in text.Split("COMMIT\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = part.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.That(lines[0], Does.StartWith("*"));
            yield return (lines[0], [.. lines[1..]]);
        }
    }
}
