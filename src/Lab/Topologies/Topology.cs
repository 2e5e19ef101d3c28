namespace Middlebox.Lab.Topologies;

/// <summary>A network to build: hosts, the links between them, and what runs on the hosts.</summary>
/// <param name="Name">The file's name without its extension.</param>
/// <param name="Description">One sentence for people.</param>
/// <param name="Hosts">In the order of the path, from the client to the servers.</param>
/// <param name="Links">In the order of the file.</param>
/// <param name="Boxes">The hosts that run the appliance.</param>
/// <param name="Servers">The hosts that run a web server.</param>
public sealed record Topology(
    string Name,
    string Description,
    IReadOnlyList<TopologyHost> Hosts,
    IReadOnlyList<TopologyLink> Links,
    IReadOnlyList<BoxPlacement> Boxes,
    IReadOnlyList<ServerPlacement> Servers)
{
    /// <summary>The hosts that run a foreign middlebox's program. Default: none.</summary>
    public IReadOnlyList<ElementPlacement> Elements { get; init; } = [];

    /// <summary>The ends of all links that a host has.</summary>
    public IEnumerable<LinkEnd> EndsOf(string host) =>
        Links.SelectMany(link => new[] { link.Left, link.Right }).Where(end => end.Host == host);
}
