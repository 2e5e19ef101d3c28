using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Serving;

/// <summary>Variations on the topologies of the repository.</summary>
public static class TopologyChanges
{
    /// <summary>The topology with one more kernel setting on a host.</summary>
    public static Topology With(this Topology topology, string host, string key, string value) => topology with
    {
        Hosts = [.. topology.Hosts.Select(old => old.Name == host
            ? old with { Sysctls = new Dictionary<string, string>(old.Sysctls) { [key] = value } }
            : old)],
    };

    /// <summary>The topology with a link's MTU changed, in bytes.</summary>
    public static Topology WithMtu(this Topology topology, string link, int bytes) => topology with
    {
        Links = [.. topology.Links.Select(old => old.Name == link ? old with { Mtu = bytes } : old)],
    };

    /// <summary>
    /// Linux gives MPTCP up for an hour once a SYN with MP_CAPABLE has gone unanswered, and drops the option from the third
    /// SYN by itself: the topology with a client that does neither.
    /// </summary>
    public static Topology WithInsistentClient(this Topology topology) => topology
        .With("client", "net.mptcp.blackhole_timeout", "0")
        .With("client", "net.mptcp.syn_retrans_before_tcp_fallback", "100");
}
