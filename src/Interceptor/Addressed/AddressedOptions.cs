using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Interceptor.Addressed;

/// <summary>Section <c>Middlebox:Addressed</c>: whom the box relays that name their servers to it in the SYN, and to where.</summary>
public sealed record AddressedOptions
{
    /// <summary>The port that the examples use; none is assigned.</summary>
    public const int UsualPort = 5125;

    /// <value>
    /// Own addresses and ports to which hosts send their SYNs, such as <c>203.0.113.7:5125</c>. Default none: off. To who names no server, or one that
    /// is not allowed, the port is closed. The box must forward packets.
    /// </value>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <value>Prefixes of the clients that are served, and nobody else. Default none; at least one with <see cref="Listen"/>.</value>
    public IReadOnlyList<string> Clients { get; init; } = [];

    /// <value>
    /// Prefixes of the servers that they may reach. Default none, which is any. Loopback, multicast, broadcast, unspecified, link-local and the box's own addresses are
    /// refused in any case.
    /// </value>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <value>Ports of the servers: any, or ports and ranges such as 80,443,8000-8999. Default any.</value>
    public string Ports { get; init; } = "any";

    /// <value>Whether a client may be connected to another one. Default false.</value>
    public bool Hairpinning { get; init; }

    /// <value>
    /// File of keys that hosts share with the box, readable by its owner alone. Default none: tags are not looked at. With it, a SYN whose tag was not made with one of
    /// them is refused.
    /// </value>
    public string KeyFile { get; init; } = "";

    /// <value>Whether a SYN without a tag is refused. Default false; needs a <see cref="KeyFile"/>.</value>
    public bool RequireTag { get; init; }

    /// <value>
    /// Connections at a time whose hosts do not yet know their servers' own addresses, and whose packets the box therefore looks at. Default 4,096; 1 to 1,000,000.
    /// Further ones are relayed without that.
    /// </value>
    public int MaxPromotions { get; init; } = 4096;

    /// <value>
    /// Of these, what one client may have: an IPv4 address, or an IPv6 prefix of 64 bits. Default 512; 1 to 1,000,000. Further ones of it are relayed without that, and others'
    /// go on as before.
    /// </value>
    public int MaxPromotionsPerSource { get; init; } = 512;

    /// <value>How long a connection may be one of these. Default 5 min; 1 s to 1 day.</value>
    public TimeSpan PromotionTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <value>
    /// Whether segments of relayed connections are carried by a program at the devices (BPF), past the rules of this host, where the kernel and the box's capabilities allow it. Default
    /// true. Set it to false where rules are to see every segment, for accounting or to cut running connections.
    /// </value>
    public bool FastPath { get; init; } = true;

    /// <summary>Clients, servers and ports as rules. The options must have been checked.</summary>
    public ConverterPolicy ToPolicy() => new(
        [.. Clients.Select(AddressPrefix.Parse)], Servers.Count == 0 ? [AddressPrefix.Any] : [.. Servers.Select(AddressPrefix.Parse)], PortSet.Parse(Ports), Hairpinning);
}
