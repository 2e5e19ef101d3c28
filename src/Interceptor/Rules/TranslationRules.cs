using Middlebox.Interceptor.Addressed;
using Middlebox.Interceptor.HostRole;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.Rules;

/// <summary>
/// Rules about connections that the kernel relays by translation: those of hosts that name their servers to the box, and this host's own that go over a proxy. Lines
/// for the tables of <see cref="FirewallRules"/>; none where both are off.
/// </summary>
/// <remarks>
/// Each SYN that names a server is queued before connection tracking sees it, so that the entry by which it is translated is there first. The chain in nat is empty:
/// it makes the kernel translate at all. The match of a connection's mark makes it track.
/// </remarks>
/// <param name="addressed">Where hosts send their SYNs.</param>
/// <param name="host">Which of this host's connections go over a proxy.</param>
/// <param name="interceptor">Numbers of the queues.</param>
/// <param name="marks">Mark values.</param>
public sealed class TranslationRules(AddressedOptions addressed, HostProxyOptions host, InterceptorOptions interceptor, PacketMarks marks)
{
    /// <summary>Queues of these rules, behind those of <see cref="FirewallRules"/>.</summary>
    public const int Queues = 2;

    /// <summary>Where there may be any.</summary>
    public static readonly IReadOnlyList<string> Tables = ["raw", "mangle", "filter", "nat"];

    private const string RelayRaw = FirewallRules.ChainPrefix + "RELAY-RAW";
    private const string Relay = FirewallRules.ChainPrefix + "RELAY";
    private const string RelayIn = FirewallRules.ChainPrefix + "RELAY-IN";
    private const string RelayOut = FirewallRules.ChainPrefix + "RELAY-OUT";
    private const string RelayFilter = FirewallRules.ChainPrefix + "RELAY-FILTER";
    private const string HostRaw = FirewallRules.ChainPrefix + "HOST-RAW";
    private const string Host = FirewallRules.ChainPrefix + "HOST";
    private const string HostOutput = FirewallRules.ChainPrefix + "HOST-OUT";
    private const string Nat = FirewallRules.ChainPrefix + "NAT";

    // A socket without a file, by which there would be an owner.
    private const string Unowned = " -m owner ! --uid-owner 0-4294967294";

    private const string AnySyn = "-p tcp --tcp-flags SYN,ACK,RST,FIN SYN";
    private const string Syn = AnySyn + " --tcp-option 30";
    private const string SynAck = "-p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK";

    /// <summary>Whether there are any.</summary>
    public bool AreNeeded => addressed.Listen.Count > 0 || host.Proxies.Count > 0;

    /// <summary>Whether there are connections of others among them.</summary>
    public bool Relays => addressed.Listen.Count > 0;

    /// <summary>Number of the queue of SYNs that name a server to this box, and of the segments of such connections.</summary>
    public static ushort RelayQueue(InterceptorOptions interceptor) => (ushort)(interceptor.FirstQueue + interceptor.Queues);

    /// <summary>Number of the queue of this host's own SYNs, and of the answers to them.</summary>
    public static ushort HostQueue(InterceptorOptions interceptor) => (ushort)(RelayQueue(interceptor) + 1);

    /// <summary>Chains and rules of a table.</summary>
    /// <param name="table">raw, mangle, nat or filter.</param>
    /// <param name="family">Of which family.</param>
    /// <param name="hasSets">Whether there is a <see cref="HeartbeatSet"/>.</param>
    public IEnumerable<string> Of(string table, RuleFamily family, bool hasSets)
    {
        var alive = hasSets ? $" -m set --match-set {HeartbeatSet.Name(family)} src" : "";
        var toRelay = $"{alive} -j NFQUEUE --queue-num {RelayQueue(interceptor)} --queue-bypass";
        var toHost = $"{alive} -j NFQUEUE --queue-num {HostQueue(interceptor)} --queue-bypass";
        return table switch
        {
            "raw" => [.. RelayInRaw(family, toRelay), .. HostInRaw(family, toHost)],
            "mangle" => [.. RelayInMangle(family, toRelay), .. HostInMangle(family, toHost)],
            "nat" when AreNeeded => [$":{Nat} - [0:0]", $"-A PREROUTING -j {Nat}"],
            "filter" => [.. RelayInFilter(family), .. HostInFilter()],
            _ => [],
        };
    }

    /// <summary>What queues the segments of connections that are relayed, as long as they are looked at. It comes before what queues handshakes: these are none of its business.</summary>
    public string ObservedSegments() => $"-p tcp -m connmark --mark {marks.Format(marks.Observed)} -j {Relay}";

    private bool IsConverted => host.Protocol == HostProxyProtocol.Converter;

    /// <summary>
    /// Matches of what the box delivers to its own kernel at the addresses where hosts name their servers: SYNs of connections on which it acts, and of their subflows.
    /// </summary>
    /// <param name="family">Of which family.</param>
    public IEnumerable<string> Delivered(RuleFamily family) => EndpointsOf(addressed.Listen, family)
        .Select(endpoint => $"-i {interceptor.Device} -p tcp -d {endpoint.Address} --dport {endpoint.Port}");

    private IEnumerable<string> RelayInRaw(RuleFamily family, string queue) => !Relays
        ? []
        :
        [
            $":{RelayRaw} - [0:0]",
            $"-A {FirewallRules.RawHandshake} {AnySyn} -j {RelayRaw}",
            .. EndpointsOf(addressed.Listen, family).Select(endpoint => $"-A {RelayRaw} {Syn} -d {endpoint.Address} --dport {endpoint.Port}{queue}"),
        ];

    private IEnumerable<string> RelayInMangle(RuleFamily family, string queue) => !Relays
        ? []
        :
        [
            $":{Relay} - [0:0]",
            $"-A {Relay}{queue}",
            // A server repeats its answer for which the box acts: there is no socket before the client has completed its handshake, and the kernel would refuse.
            $":{RelayIn} - [0:0]",
            $"-A INPUT {SynAck} -j {RelayIn}",
            $"-A {RelayIn} -m mark --mark {marks.Format(0)} -m connmark --mark {marks.Format(marks.Observed)}"
                + " -m conntrack ! --ctstate DNAT -j DROP",
            // The host is told in the answer of the box's own kernel that the box acts.
            $":{RelayOut} - [0:0]",
            $"-A OUTPUT {SynAck} -j {RelayOut}",
            .. EndpointsOf(addressed.Listen, family).Select(
                endpoint => $"-A {RelayOut} -p tcp -s {endpoint.Address} --sport {endpoint.Port}{queue}"),
        ];

    /// <summary>The listeners at the box's addresses are for connections on which it acts. To all others the port is closed.</summary>
    private IEnumerable<string> RelayInFilter(RuleFamily family) => !Relays
        ? []
        :
        [
            $":{RelayFilter} - [0:0]",
            $"-I INPUT 1 -j {RelayFilter}",
            .. Delivered(family).Select(match => $"-A {RelayFilter} {match} -j ACCEPT"),
            .. EndpointsOf(addressed.Listen, family).SelectMany(endpoint => new[]
            {
                $"-A {RelayFilter} -p tcp --tcp-flags SYN,ACK,RST,FIN SYN -d {endpoint.Address} --dport {endpoint.Port} -j REJECT --reject-with tcp-reset",
                $"-A {RelayFilter} -p tcp -d {endpoint.Address} --dport {endpoint.Port} -j ACCEPT",
            }),
        ];

    private IEnumerable<string> HostInFilter() => host.Proxies.Count == 0
        ? []
        :
        [
            $":{HostOutput} - [0:0]",
            $"-I OUTPUT 1 {AnySyn} -j {HostOutput}",
            // A relayed connection may have that mark, too; its packets are marked themselves. The reset that is the answer must pass.
            $"-A {HostOutput} -p tcp -m mark --mark {marks.Format(0)} -m connmark --mark {marks.Format(marks.Refused)} -j REJECT --reject-with tcp-reset",
        ];

    private IEnumerable<string> HostInRaw(RuleFamily family, string queue) => host.Proxies.Count == 0
        ? []
        :
        [
            $":{HostRaw} - [0:0]",
            $"-A OUTPUT {AnySyn} -j {HostRaw}",
            // What the box itself sends, and what stays on this host.
            $"-A {HostRaw} -m mark ! --mark {marks.Format(0)} -j RETURN",
            $"-A {HostRaw} -o lo -j RETURN",
            // Subflows to a server that the proxy has announced, whoever's connection it is.
            .. EndpointsOf(IsConverted ? [] : host.Proxies, family).Select(proxy => $"-A {HostRaw} {Syn} --dport {proxy.Port}{queue}"),
            .. host.Rules.Where(rule => IsOf(rule, family)).Select(rule => $"-A {HostRaw} {(IsConverted ? AnySyn : Syn)}{Matches(rule)}{queue}"),
            // Subflows are the kernel's own, and no user's: which go to the proxy, their tokens tell.
            .. host.Rules.Where(rule => !IsConverted && IsOf(rule, family) && rule.User.Length > 0)
                .Select(rule => $"-A {HostRaw} {Syn}{Matches(rule with { User = "" })}{Unowned}{queue}"),
        ];

    private IEnumerable<string> HostInMangle(RuleFamily family, string queue) => host.Proxies.Count == 0 || IsConverted
        ? []
        :
        [
            $":{Host} - [0:0]",
            $"-A INPUT -m connmark --mark {marks.Format(marks.Observed)} -j {Host}",
            $"-A {Host} -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK{queue}",
            $"-A {Host} -p tcp --tcp-flags RST RST{queue}",
            // Errors about them are tracked with them.
            $"-A {Host} -p {(family == RuleFamily.IPv4 ? "icmp" : "icmpv6")}{queue}",
        ];

    private static bool IsOf(HostProxyRuleOptions rule, RuleFamily family)
    {
        var server = AddressPrefix.Parse(rule.Server);
        return server.IsAny || server.Network.IsIpv4 == (family == RuleFamily.IPv4);
    }

    private static string Matches(HostProxyRuleOptions rule)
    {
        var server = AddressPrefix.Parse(rule.Server);
        return (server.IsAny ? "" : $" -d {server.Network}/{server.Length}")
            + (rule.Ports == "any" ? "" : $" -m multiport --dports {rule.Ports.Replace('-', ':')}")
            + (rule.User.Length == 0 ? "" : $" -m owner --uid-owner {rule.User}")
            + (rule.Cgroup.Length == 0 ? "" : $" -m cgroup --path {rule.Cgroup}");
    }

    private static IEnumerable<HostEndpoint> EndpointsOf(IEnumerable<string> endpoints, RuleFamily family) =>
        endpoints.Select(HostEndpoint.Parse).Where(endpoint => endpoint.Address.IsIpv4 == (family == RuleFamily.IPv4));
}
