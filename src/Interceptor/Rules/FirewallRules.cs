using System.Text;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.Rules;

/// <summary>
/// The box's rules as text for iptables-restore --noflush and ip6tables-restore --noflush: own chains in raw, mangle and
/// filter, each hung into a chain of the kernel's by one jump. Nothing that is not ours is touched. Where no connection ends at the
/// box, as on a host whose own go over a proxy by translation alone, there are those of the translation only.
/// </summary>
/// <remarks>
/// What a packet costs that is none of the box's business is the number of rules that look at it, so jumps have conditions where one suffices for the whole chain.
/// raw: finds the segments of the box's sockets, and takes the client's leg out of connection tracking, whose entry for the
/// forwarded SYN would translate it. mangle PREROUTING: delivers injected SYNs to the listener of their port, and segments
/// and ICMP errors of the box's sockets to the box. mangle FORWARD: queues the segments of handshakes; appended, because an accepted packet skips the rest of its
/// table, and rules such as TCPMSS there must have seen it. filter: accepts what mangle has marked, because a gateway
/// commonly drops what is not addressed to it. <see cref="TranslationRules"/> has those that not every box needs.
/// </remarks>
public sealed class FirewallRules
{
    /// <summary>All chains of the box begin with this.</summary>
    public const string ChainPrefix = "MBX-";

    /// <summary>SYNs and RSTs that arrive, before the kernel tracks them.</summary>
    internal const string RawHandshake = ChainPrefix + "RAW-SYN";

    private const string RawInjected = ChainPrefix + "RAW-IN";
    private const string RawSocket = ChainPrefix + "RAW-SOCKET";
    private const string RawOutput = ChainPrefix + "RAW-OUT";
    private const string Prerouting = ChainPrefix + "PREROUTING";
    private const string IcmpError = ChainPrefix + "ICMP";
    private const string Socket = ChainPrefix + "SOCKET";
    private const string Output = ChainPrefix + "OUTPUT";
    private const string Divert = ChainPrefix + "DIVERT";
    private const string Forward = ChainPrefix + "FORWARD";
    private const string Queue = ChainPrefix + "QUEUE";
    private const string FilterInput = ChainPrefix + "FILTER-IN";
    private const string FilterOutput = ChainPrefix + "FILTER-OUT";

    // These change when the configuration does, and are written anew without touching the others.
    private const string Announced = ChainPrefix + "ANNOUNCED";
    private const string Claims = ChainPrefix + "CLAIMS";
    private const string Remember = ChainPrefix + "REMEMBER";
    private const string Upgrades = ChainPrefix + "UPGRADES";

    private const string Syn = "-p tcp --tcp-flags SYN,ACK,RST,FIN SYN";
    private const string AnySyn = "-p tcp --tcp-flags SYN SYN";
    private const string SynOrReset = "-p tcp ! --tcp-flags SYN,RST NONE";

    private readonly InterceptorOptions _options;
    private readonly PacketMarks _marks;
    private readonly bool _conntrack;
    private readonly bool _hasSets;
    private readonly bool _terminates;
    private readonly TranslationRules? _translation;

    /// <param name="options">Device, queues.</param>
    /// <param name="marks">Mark values.</param>
    /// <param name="conntrack">Whether the box tracks connections.</param>
    /// <param name="hasSets">
    /// Whether there is a <see cref="ConnectionSet"/> and a <see cref="HeartbeatSet"/> of each family; without, all SYN/ACKs are queued, also
    /// to a daemon that stands still.
    /// </param>
    /// <param name="translation">Rules about connections that the kernel relays by translation; null for none.</param>
    /// <param name="terminates">Whether connections may end at the box.</param>
    public FirewallRules(
        InterceptorOptions options, PacketMarks marks, bool conntrack, bool hasSets, TranslationRules? translation = null, bool terminates = true)
    {
        _options = options;
        _marks = marks;
        _conntrack = conntrack;
        _hasSets = hasSets;
        _translation = translation;
        _terminates = terminates;
    }

    /// <summary>Everything that installs the rules of one family.</summary>
    /// <param name="family">Which tables.</param>
    /// <param name="listenAddress">Address that the transparent listeners of this family are bound to.</param>
    public string Installation(RuleFamily family, string listenAddress)
    {
        var text = new StringBuilder();
        if (_terminates)
        {
            WriteRaw(text, family);
            WriteMangle(text, family, listenAddress);
            WriteFilter(text, family);
        }

        if (_translation is { AreNeeded: true })
        {
            foreach (var table in _terminates ? ["nat"] : TranslationRules.Tables)
            {
                Begin(text, table);
                WriteTranslation(text, table, family);
                End(text);
            }
        }

        return text.ToString();
    }

    /// <summary>Everything that follows from the parts of the configuration that may change while the box serves.</summary>
    /// <param name="family">Which tables.</param>
    /// <param name="upgrades">Whether SYNs without MPTCP are queued, because the box speaks it for some clients.</param>
    /// <param name="claims">Whether the SYN/ACKs of the box carry claims, and are queued to get them.</param>
    /// <param name="announced">The box's own addresses at which clients may open subflows; others' families are left out.</param>
    /// <param name="handshakeTimeout">How long a handshake may take, from the client's last SYN on.</param>
    public string Adaptation(
        RuleFamily family, bool upgrades, bool claims, IEnumerable<HostEndpoint> announced, TimeSpan handshakeTimeout)
    {
        if (!_terminates)
            return "";
        var text = new StringBuilder();
        Begin(text, "mangle", [Claims, Upgrades, .. _hasSets ? new[] { Remember } : []]);
        if (claims)
            Line(text, $"-A {Claims} -j {Queue}");
        if (upgrades)
        {
            if (_hasSets)
                Line(text, $"-A {Upgrades} -j {Remember}");
            Line(text, $"-A {Upgrades} -j {Queue}");
        }

        if (_hasSets)
        {
            Line(text, $"-A {Remember} -j SET --add-set {ConnectionSet.Name(family)} {ConnectionSet.FromClient} --exist"
                + $" --timeout {Math.Ceiling(handshakeTimeout.TotalSeconds) + 1:0}");
        }

        End(text);
        Begin(text, "filter", Announced);
        foreach (var endpoint in announced.Where(endpoint => endpoint.Address.IsIpv4 == (family == RuleFamily.IPv4)))
            Line(text, $"-A {Announced} -p tcp -d {endpoint.Address} --dport {endpoint.Port.Value} -j ACCEPT");
        End(text);
        return text.ToString();
    }

    private void WriteRaw(StringBuilder text, RuleFamily family)
    {
        var divert = _marks.Format(_marks.Divert);
        Begin(text, "raw", RawHandshake, RawInjected, RawSocket, RawOutput);
        // The second comes before the first. Nothing but SYNs and RSTs is injected.
        Line(text, $"-I PREROUTING 1 -p tcp -m socket --transparent --restore-skmark -j {RawSocket}");
        Line(text, $"-I PREROUTING 1 {SynOrReset} -j {RawHandshake}");
        Line(text, $"-A {RawHandshake} -i {_options.Device} -j {RawInjected}");
        Line(text, $"-I OUTPUT 1 -m mark --mark {_marks.Format(_marks.ClientLeg)} -j {RawOutput}");
        WriteDelivered(text, RawInjected, family);
        Line(text, $"-A {RawInjected} -j MARK --set-xmark {divert}");
        Line(text, $"-A {RawInjected} -j CT --notrack");
        Line(text, $"-A {RawInjected} -j ACCEPT");
        // The mark comes from sockets that live; a half-open one, which is the client's, and one in TIME-WAIT give none. A new
        // connection with the addresses and ports of one that is in TIME-WAIT here begins between client and server.
        Line(text, $"-A {RawSocket} {AnySyn} -m mark --mark {_marks.Format(0)} -j RETURN");
        Line(text, $"-A {RawSocket} -m mark ! --mark {_marks.Format(_marks.ServerLeg)} -j CT --notrack");
        Line(text, $"-A {RawSocket} -j MARK --set-xmark {divert}");
        Line(text, $"-A {RawOutput} -j CT --notrack");
        WriteTranslation(text, "raw", family);
        End(text);
    }

    private void WriteMangle(StringBuilder text, RuleFamily family, string listenAddress)
    {
        var divert = _marks.Format(_marks.Divert);
        Begin(text, "mangle",
            [Prerouting, .. _conntrack ? new[] { Socket } : [], Output, Divert, Forward, Queue, Claims, Upgrades, .. _hasSets ? new[] { Remember } : [],
                .. _conntrack ? Array.Empty<string>() : [IcmpError]]);
        if (!_conntrack)
            Line(text, $"-I PREROUTING 1 -p {(family == RuleFamily.IPv4 ? "icmp" : "icmpv6")} -j {IcmpError}");
        Line(text, $"-I PREROUTING 1 {DeliveredHere()}-j {Prerouting}");
        // Connections of IPv6 get their mark there, by any segment.
        Line(text, $"-I OUTPUT 1 {(_conntrack && family == RuleFamily.IPv6 ? "" : SynOrReset + " ")}-j {Output}");
        WriteTranslation(text, "mangle", family);
        Line(text, $"-A FORWARD {(_translation is { Relays: true } ? $"-p tcp -m connmark ! --mark {_marks.Format(_marks.Relayed)}" : SynOrReset)} -j {Forward}");

        WriteDelivered(text, Prerouting, family);
        // Port 0 keeps the packet's own port: MPTCP takes a join only on a listener of the connection's port.
        Line(text, $"-A {Prerouting} -i {_options.Device} -p tcp -j TPROXY"
            + $" --on-ip {listenAddress} --on-port 0 --tproxy-mark {divert}");
        Line(text, $"-A {Prerouting} -i {_options.Device} -j DROP");
        // raw has found the socket of nearly every segment; only behind a translation it is found here.
        Line(text, $"-A {Prerouting} -m mark --mark {divert} -j ACCEPT");
        if (_conntrack)
        {
            Line(text, $"-A {Prerouting} -p tcp -m socket --transparent --restore-skmark -j {Socket}");
            Line(text, $"-A {Socket} {AnySyn} -m mark --mark {_marks.Format(0)} -j RETURN");
            Line(text, $"-A {Socket} -j {Divert}");
        }

        foreach (var icmp in IcmpErrors(family))
            Line(text, $"-A {(_conntrack ? Prerouting : IcmpError)} {icmp} -m socket --transparent -j {Divert}");
        if (_conntrack && family == RuleFamily.IPv6)
        {
            // The socket match looks behind a translation for IPv4 only; for IPv6 the connection carries our mark.
            Line(text, $"-A {Prerouting} -p tcp -m conntrack --ctdir REPLY"
                + $" -m connmark --mark {_marks.Format(_marks.ServerLeg)} -j {Divert}");
            Line(text, $"-A {Output} -p tcp -m mark --mark {_marks.Format(_marks.ServerLeg)}"
                + $" -j CONNMARK --set-xmark {_marks.Format(_marks.ServerLeg)}");
        }

        Line(text, $"-A {Output} -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK"
            + $" -m mark --mark {_marks.Format(_marks.ClientLeg)} -j {Claims}");
        // Connections that are given up end with RST and ACK; a RST alone answers a segment that the kernel could not place. It has the
        // listener's mark, or none if the kernel found no socket at all, not even that; then it is sent in the server's name, which tells it from
        // the host's own where there is no set of connections.
        Line(text, $"-A {Output} -p tcp --tcp-flags SYN,ACK,RST,FIN RST"
            + $" -m mark --mark {_marks.Format(_marks.ClientLeg)} -j {Queue}");
        Line(text, $"-A {Output} -p tcp --tcp-flags SYN,ACK,RST,FIN RST"
            + $" -m mark --mark {_marks.Format(0)} {(_hasSets ? AnswersToKnown(family) : "-m addrtype ! --src-type LOCAL ")}-j {Queue}");
        Line(text, $"-A {Divert} -j MARK --set-xmark {divert}");
        Line(text, $"-A {Divert} -j ACCEPT");
        WriteQueueing(text, family);
        End(text);
    }

    /// <summary>
    /// Matches what may be for the box: what raw has marked; with a translation the socket has still to be looked for, but not for segments of what the kernel relays.
    /// </summary>
    private string DeliveredHere() => (_conntrack, _translation) switch
    {
        (false, _) => $"-m mark ! --mark {_marks.Format(0)} ",
        (true, { AreNeeded: true }) => $"-m connmark ! --mark {_marks.Format(_marks.Relayed)} ",
        _ => "",
    };

    private void WriteQueueing(StringBuilder text, RuleFamily family)
    {
        var queues = _options.Queues == 1
            ? $"--queue-num {_options.FirstQueue}"
            : $"--queue-balance {_options.FirstQueue}:{_options.FirstQueue + _options.Queues - 1}";
        var alive = _hasSets ? $"-m set --match-set {HeartbeatSet.Name(family)} src " : "";
        Line(text, $"-A {Queue} {alive}-j NFQUEUE {queues} --queue-bypass");
        if (_translation is { Relays: true })
        {
            Line(text, $"-A {Forward} {_translation.ObservedSegments()}");
            Line(text, $"-A {Forward} -p tcp --tcp-flags SYN,RST NONE -j RETURN");
        }

        if (_conntrack)
            Line(text, $"-A {Forward} -m conntrack --ctstate DNAT -j RETURN");
        if (_hasSets)
            Line(text, $"-A {Forward} {Syn} --tcp-option 30 -j {Remember}");
        Line(text, $"-A {Forward} {Syn} --tcp-option 30 -j {Queue}");
        Line(text, $"-A {Forward} {Syn} ! --tcp-option 30 -j {Upgrades}");
        var known = AnswersToKnown(family);
        Line(text, $"-A {Forward} -p tcp --tcp-flags SYN,ACK,RST,FIN SYN,ACK {known}-j {Queue}");
        // A RST that refuses a SYN has ACK and sequence number 0 (RFC 9293 section 3.10.7.1), one that refuses a segment of a
        // half-open connection has no ACK (section 3.10.7.4); others are none of our business.
        Line(text, $"-A {Forward} -p tcp --tcp-flags SYN,ACK,RST,FIN RST {known}-j {Queue}");
        Line(text, $"-A {Forward} -p tcp --tcp-flags SYN,ACK,RST,FIN RST,ACK"
            + $" -m u32 --u32 \"{(family == RuleFamily.IPv4 ? "0>>22&0x3C@4=0" : "44=0")}\" {known}-j {Queue}");
    }

    /// <summary>Matches what goes to clients whose SYNs asked for MPTCP a short while ago; everything if there are no sets.</summary>
    private string AnswersToKnown(RuleFamily family) =>
        _hasSets ? $"-m set --match-set {ConnectionSet.Name(family)} {ConnectionSet.FromServer} " : "";

    private void WriteFilter(StringBuilder text, RuleFamily family)
    {
        Begin(text, "filter", FilterInput, FilterOutput, Announced);
        Line(text, $"-I INPUT 1 -j {FilterInput}");
        Line(text, $"-I OUTPUT 1 -m mark ! --mark {_marks.Format(0)} -j {FilterOutput}");
        Line(text, $"-A {FilterInput} -m mark --mark {_marks.Format(_marks.Divert)} -j ACCEPT");
        Line(text, $"-A {FilterInput} -j {Announced}");
        // The kernel opens subflows from its endpoints to clients too, to ports where nobody listens: each would take the place of one that the
        // client can open, for as long as its SYN is repeated. A client is not dialled.
        Line(text, $"-A {FilterOutput} {Syn} -m mark --mark {_marks.Format(_marks.ClientLeg)} -j REJECT --reject-with tcp-reset");
        Line(text, $"-A {FilterOutput} -m mark --mark {_marks.Format(_marks.ClientLeg)} -j ACCEPT");
        Line(text, $"-A {FilterOutput} -m mark --mark {_marks.Format(_marks.ServerLeg)} -j ACCEPT");
        WriteTranslation(text, "filter", family);
        End(text);
    }

    private void WriteTranslation(StringBuilder text, string table, RuleFamily family)
    {
        foreach (var line in _translation?.Of(table, family, _hasSets) ?? [])
            Line(text, line);
    }

    /// <summary>What is delivered to the box's own addresses needs no help to get there, and is tracked like all that comes there.</summary>
    private void WriteDelivered(StringBuilder text, string chain, RuleFamily family)
    {
        foreach (var match in _translation?.Delivered(family) ?? [])
            Line(text, $"-A {chain} {match} -j ACCEPT");
    }

    /// <summary>Errors about segments of the box's own sockets, such as a path MTU, which carry the hosts' addresses.</summary>
    private static IEnumerable<string> IcmpErrors(RuleFamily family) => family == RuleFamily.IPv4
        ? ["-p icmp --icmp-type destination-unreachable", "-p icmp --icmp-type time-exceeded"]
        : ["-p icmpv6 --icmpv6-type packet-too-big", "-p icmpv6 --icmpv6-type destination-unreachable",
            "-p icmpv6 --icmpv6-type time-exceeded"];

    private static void Begin(StringBuilder text, string table, params ReadOnlySpan<string> chains)
    {
        Line(text, $"*{table}");
        foreach (var chain in chains)
            Line(text, $":{chain} - [0:0]");
    }

    private static void End(StringBuilder text) => Line(text, "COMMIT");

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
