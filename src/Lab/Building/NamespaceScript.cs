using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Running;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Building;

/// <summary>
/// The ip(8) commands that build a topology, in the order in which they depend on each other: namespaces, links,
/// addresses, then whatever needs neighbours.
/// </summary>
internal sealed class NamespaceScript(Topology topology, string instance)
{
    // Between the host and the emulator, which empties it at once: long enough for the bursts of fast senders.
    private const int EmulatedQueueLength = 4096;

    /// <summary>Creates the namespaces.</summary>
    public IReadOnlyList<string> Namespaces() => [.. topology.Hosts.Select(host => $"netns add {Name(host.Name)}")];

    /// <summary>
    /// Creates the veth pairs with both ends inside their namespaces; the machine's own is not touched. The devices of emulated links are there already.
    /// </summary>
    public IReadOnlyList<string> Links() =>
        [.. topology.Links.Where(link => !link.IsEmulated).Select(link =>
            $"link add {link.Left.Device} netns {Name(link.Left.Host)} type veth "
            + $"peer name {link.Right.Device} netns {Name(link.Right.Host)}")];

    /// <summary>Sets a host's devices up, inside its namespace.</summary>
    public IReadOnlyList<string> Devices(TopologyHost host)
    {
        var lines = new List<string> { "link set lo up" };
        foreach (var link in topology.Links)
        {
            foreach (var end in new[] { link.Left, link.Right }.Where(end => end.Host == host.Name))
            {
                var mtu = link.Mtu is { } bytes ? $" mtu {bytes}" : "";
                var queue = link.IsEmulated ? $" txqueuelen {EmulatedQueueLength}" : "";
                lines.Add($"link set dev {end.Device}{mtu}{queue} up");
                lines.AddRange(end.Addresses.Select(own => $"addr add {own} dev {end.Device}{(own.IsIPv6 ? " nodad" : "")}"));
            }
        }
        return lines;
    }

    /// <summary>A host's routes and rules of one family: ip(8) reads the family once for a whole batch.</summary>
    public static IReadOnlyList<string> Routes(TopologyHost host, AddressFamily family) =>
    [
        .. host.Routes.Where(route => route.Via.AddressFamily == family).Select(Route),
        .. host.Rules.Where(rule => rule.From.AddressFamily == family)
            .Select(rule => $"rule add from {rule.From} lookup {rule.Table}"),
    ];

    /// <summary>A host's MPTCP limits and endpoints.</summary>
    public static IReadOnlyList<string> PathManager(TopologyHost host)
    {
        if (host.Mptcp is not { } mptcp)
            return [];
        var limits = (mptcp.Subflows is { } subflows ? $" subflows {subflows}" : "")
            + (mptcp.AddAddrAccepted is { } accepted ? $" add_addr_accepted {accepted}" : "");
        return
        [
            .. limits.Length > 0 ? [$"mptcp limits set{limits}"] : Array.Empty<string>(),
            .. mptcp.Endpoints.Select(endpoint =>
                $"mptcp endpoint add {endpoint.Address} dev {endpoint.Device}{Flags(endpoint.Flags)}"),
        ];
    }

    private static string Route(StaticRoute route)
    {
        var destination = route.Destination.PrefixLength == 0 ? "default" : Network(route.Destination);
        var device = route.Device is null ? "" : $" dev {route.Device}";
        var table = route.Table is null ? "" : $" table {route.Table}";
        return $"route add {destination} via {route.Via}{device}{table}";
    }

    private static string Network(InterfaceAddress address)
    {
        var bytes = address.Address.GetAddressBytes();
        for (var bit = address.PrefixLength; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return $"{new IPAddress(bytes)}/{address.PrefixLength}";
    }

    private static string Flags(MptcpEndpointFlags flags) =>
        string.Concat(Enum.GetValues<MptcpEndpointFlags>()
            .Where(flag => flag != MptcpEndpointFlags.None && flags.HasFlag(flag))
            .Select(flag => $" {flag.ToString().ToLowerInvariant()}"));

    private string Name(string host) => InstancePaths.NamespaceName(instance, host);
}
