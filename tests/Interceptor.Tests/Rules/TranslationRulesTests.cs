using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.HostRole;
using Middlebox.Interceptor.Rules;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.Tests.Rules;

[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class TranslationRulesTests
{
    private static readonly PacketMarks Marks = PacketMarks.Parse("0x0f000000");

    private static readonly AddressedOptions Addressed = new() { Listen = ["198.18.3.2:5125", "[2001:db8:3::2]:5126"], Clients = ["any"] };

    private static readonly HostProxyOptions Host = new()
    {
        Proxies = ["198.18.3.2:5125"],
        Rules = [new(), new() { Server = "198.18.8.0/21", Ports = "80,8000-8999", User = "www-data", Cgroup = "user.slice" }, new() { Server = "2001:db8::/32" }],
    };

    [Test]
    public void Off_NothingIsWritten([Values] RuleFamily family) => Assert.That(
        Write(family, new AddressedOptions(), new HostProxyOptions()), Is.EqualTo(Write(family, null, null)));

    [Test]
    public void Proxy_Ipv4() => Assert.That(Added(RuleFamily.IPv4, Addressed, new HostProxyOptions()), Is.EqualTo(new[]
    {
        "-A MBX-RAW-IN -i mbx0 -p tcp -d 198.18.3.2 --dport 5125 -j ACCEPT",
        ":MBX-RELAY-RAW - [0:0]",
        "-A MBX-RAW-SYN -p tcp --tcp-flags SYN,ACK,RST,FIN SYN -j MBX-RELAY-RAW",
        "-A MBX-RELAY-RAW -p tcp --tcp-flags SYN,ACK,RST,FIN SYN --tcp-option 30 -d 198.18.3.2 --dport 5125"
            + " -m set --match-set MBX-ALIVE4 src -j NFQUEUE --queue-num 4201 --queue-bypass",
        "-I PREROUTING 1 -m connmark ! --mark 0x2000000/0xf000000 -j MBX-PREROUTING",
        ":MBX-RELAY - [0:0]",
        "-A MBX-RELAY -m set --match-set MBX-ALIVE4 src -j NFQUEUE --queue-num 4201 --queue-bypass",
        ":MBX-RELAY-IN - [0:0]",
        "-A INPUT -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK -j MBX-RELAY-IN",
        "-A MBX-RELAY-IN -m mark --mark 0x0/0xf000000 -m connmark --mark 0x1000000/0xf000000"
            + " -m conntrack ! --ctstate DNAT -j DROP",
        ":MBX-RELAY-OUT - [0:0]",
        "-A OUTPUT -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK -j MBX-RELAY-OUT",
        "-A MBX-RELAY-OUT -p tcp -s 198.18.3.2 --sport 5125"
            + " -m set --match-set MBX-ALIVE4 src -j NFQUEUE --queue-num 4201 --queue-bypass",
        "-A FORWARD -p tcp -m connmark ! --mark 0x2000000/0xf000000 -j MBX-FORWARD",
        "-A MBX-PREROUTING -i mbx0 -p tcp -d 198.18.3.2 --dport 5125 -j ACCEPT",
        "-A MBX-FORWARD -p tcp -m connmark --mark 0x1000000/0xf000000 -j MBX-RELAY",
        "-A MBX-FORWARD -p tcp --tcp-flags SYN,RST NONE -j RETURN",
        ":MBX-RELAY-FILTER - [0:0]",
        "-I INPUT 1 -j MBX-RELAY-FILTER",
        "-A MBX-RELAY-FILTER -i mbx0 -p tcp -d 198.18.3.2 --dport 5125 -j ACCEPT",
        "-A MBX-RELAY-FILTER -p tcp --tcp-flags SYN,ACK,RST,FIN SYN -d 198.18.3.2 --dport 5125 -j REJECT --reject-with tcp-reset",
        "-A MBX-RELAY-FILTER -p tcp -d 198.18.3.2 --dport 5125 -j ACCEPT",
        "*nat",
        ":MBX-NAT - [0:0]",
        "-A PREROUTING -j MBX-NAT",
    }));

    [Test]
    public void Proxy_Ipv6_HasItsOwnEndpoint() => Assert.That(
        Added(RuleFamily.IPv6, Addressed, new HostProxyOptions()),
        Has.Exactly(1).Contains("-d 2001:db8:3::2 --dport 5126 -m set --match-set MBX-ALIVE6 src ").And.None.Contains("198.18"));

    [Test]
    public void Proxy_ItsSegmentsAreQueuedBeforeHandshakesAre() => Assert.That(
        Write(RuleFamily.IPv4, Addressed, null).Split('\n').First(line => line.StartsWith("-A MBX-FORWARD ", StringComparison.Ordinal)), Does.EndWith(" -j MBX-RELAY"));

    [Test]
    public void HostAlone_NothingEndsAtIt_NoOtherRuleIsWritten([Values] RuleFamily family)
    {
        var own = Write(family, new AddressedOptions(), Host, terminates: false).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(own.Where(line => line[0] != '*' && line != "COMMIT"), Is.EquivalentTo(
            Added(family, new AddressedOptions(), Host).Where(line => line[0] != '*' && !line.Contains("PREROUTING 1 "))));
        Assert.That(own.Count(line => line[0] == '*'), Is.EqualTo(TranslationRules.Tables.Count));
    }

    [Test]
    public void HostAlone_NothingEndsAtIt_NothingIsAdapted([Values] RuleFamily family) => Assert.That(
        Rules(new AddressedOptions(), Host, terminates: false)
            .Adaptation(family, upgrades: true, claims: true, [new HostEndpoint(HostAddress.Parse("198.18.5.1"), new PortNumber(8684))], TimeSpan.FromSeconds(60)),
        Is.Empty);

    [Test]
    public void Host_Ipv4_RulesAndTheSubflowsToAnnouncedServers() => Assert.That(
        Added(RuleFamily.IPv4, new AddressedOptions(), Host).Where(line => line.StartsWith("-A MBX-HOST-RAW")), Is.EqualTo(new[]
        {
            "-A MBX-HOST-RAW -m mark ! --mark 0x0/0xf000000 -j RETURN",
            "-A MBX-HOST-RAW -o lo -j RETURN",
            Queued("--tcp-option 30 --dport 5125"),
            Queued("--tcp-option 30"),
            Queued("--tcp-option 30 -d 198.18.8.0/21 -m multiport --dports 80,8000:8999 -m owner --uid-owner www-data -m cgroup --path user.slice"),
            Queued("--tcp-option 30 -d 198.18.8.0/21 -m multiport --dports 80,8000:8999 -m cgroup --path user.slice -m owner ! --uid-owner 0-4294967294"),
        }));

    [Test]
    public void HostOfAConverter_QueuesTheSynsOfAllPrograms_AndNoAnswer()
    {
        var lines = Added(RuleFamily.IPv4, new AddressedOptions(), Host with { Protocol = HostProxyProtocol.Converter }).ToList();
        Assert.That(lines.Where(line => line.Contains("NFQUEUE")), Is.EqualTo(new[]
        {
            Queued(""),
            Queued("-d 198.18.8.0/21 -m multiport --dports 80,8000:8999 -m owner --uid-owner www-data -m cgroup --path user.slice"),
        }));
        Assert.That(lines, Has.Some.StartsWith("-A MBX-HOST-OUT").And.Some.EqualTo("-A MBX-HOST-RAW -o lo -j RETURN"));
    }

    [Test]
    public void Host_RefusesWhatIsMarked_ButNotThePacketsOfTheRelay() => Assert.That(
        Added(RuleFamily.IPv6, new AddressedOptions(), Host),
        Has.Member("-A MBX-HOST-OUT -p tcp -m mark --mark 0x0/0xf000000 -m connmark --mark 0x3000000/0xf000000 -j REJECT --reject-with tcp-reset"));

    [Test]
    public void EveryRule_IsTakenOutAgain([Values] RuleFamily family)
    {
        // As iptables-save writes what was inserted.
        var removal = RuleRemoval.For(RuleReplacement.Of("", [], Write(family, Addressed, Host), "").Replace("-I OUTPUT 1 ", "-A OUTPUT ").Replace("-I INPUT 1 ", "-A INPUT ")).Split('\n');
        foreach (var chain in new[] { "MBX-RELAY-IN", "MBX-RELAY-OUT", "MBX-RELAY-FILTER", "MBX-HOST-RAW", "MBX-HOST", "MBX-HOST-OUT", "MBX-NAT" })
            Assert.That(removal, Has.Member($"-X {chain}").And.Some.EndsWith($"-j {chain}"));
        Assert.That(removal, Has.Member("-X MBX-RELAY-RAW").And.Member("-X MBX-RELAY"));
    }

    private static string Queued(string match) =>
        $"-A MBX-HOST-RAW -p tcp --tcp-flags SYN,ACK,RST,FIN SYN{(match.Length == 0 ? "" : " ")}{match} -m set --match-set MBX-ALIVE4 src -j NFQUEUE --queue-num 4202 --queue-bypass";

    private static IEnumerable<string> Added(RuleFamily family, AddressedOptions addressed, HostProxyOptions host) =>
        Write(family, addressed, host).Split('\n').Except(Write(family, null, null).Split('\n'));

    private static string Write(RuleFamily family, AddressedOptions? addressed, HostProxyOptions? host, bool terminates = true) =>
        Rules(addressed, host, terminates).Installation(family, "192.0.0.8");

    private static FirewallRules Rules(AddressedOptions? addressed, HostProxyOptions? host, bool terminates)
    {
        var options = new InterceptorOptions();
        var translation = addressed is null && host is null ? null : new TranslationRules(addressed ?? new(), host ?? new(), options, Marks);
        return new FirewallRules(options, Marks, conntrack: true, hasSets: true, translation, terminates);
    }
}
