namespace Middlebox.Lab.Topologies;

/// <summary>A host, which becomes one network namespace.</summary>
public sealed record TopologyHost
{
    /// <summary>Lower-case letters and digits, unique in the topology.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the host forwards packets, IPv4 and IPv6. Default: false.</summary>
    public bool Forwarding { get; init; }

    /// <summary>TCP congestion control. Default: reno, because BBR ruins the kernel's MPTCP.</summary>
    public string CongestionControl { get; init; } = "reno";

    /// <summary>Further kernel settings, as dotted names under <c>net</c>, applied last.</summary>
    public IReadOnlyDictionary<string, string> Sysctls { get; init; } = new Dictionary<string, string>();

    /// <summary>Routes beside those that the addresses bring.</summary>
    public IReadOnlyList<StaticRoute> Routes { get; init; } = [];

    /// <summary>Rules that choose a routing table by source address.</summary>
    public IReadOnlyList<SourceRule> Rules { get; init; } = [];

    /// <summary>The host's MPTCP path manager; null leaves the kernel's defaults.</summary>
    public MptcpSettings? Mptcp { get; init; }

    /// <summary>The administrator's own firewall on this host; null for none.</summary>
    public AddressTranslation? Nat { get; init; }
}
