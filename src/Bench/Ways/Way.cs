namespace Middlebox.Bench.Ways;

/// <summary>One way from client to server. Hosts are those of <c>configs/labs/bench.json</c>.</summary>
/// <param name="Name">Which.</param>
/// <param name="Title">For tables.</param>
/// <param name="Middle">The host between: box, peer or router.</param>
/// <param name="Server">The host at the end: legacy or capable.</param>
/// <param name="Treatment">What must be seen to happen.</param>
public sealed record Way(WayName Name, string Title, string Middle, string Server, Treatment Treatment)
{
    /// <summary>All ways.</summary>
    public static IReadOnlyList<Way> All { get; } =
    [
        new(WayName.Box, "Middlebox", "box", "legacy", Treatment.Proxied),
        new(WayName.Haproxy, "HAProxy", "peer", "legacy", Treatment.Proxied),
        new(WayName.PlainTcp, "TCP forwarded", "router", "legacy", Treatment.Plain),
        new(WayName.EndToEndMptcp, "MPTCP forwarded", "router", "capable", Treatment.EndToEnd),
        new(WayName.BoxCapableServer, "Middlebox, capable server", "box", "capable", Treatment.EndToEnd),
        new(WayName.BoxPlainClient, "Middlebox, TCP client", "box", "legacy", Treatment.Plain),
    ];

    /// <summary>The host from which the load comes: client, or distant. Default: client.</summary>
    public string Client { get; init; } = "client";

    /// <summary>Whether the client opens MPTCP sockets.</summary>
    public bool MptcpClient => Treatment != Treatment.Plain;

    /// <summary>Whether this appliance stands in the way.</summary>
    public bool CrossesBox => Middle == "box";

    /// <summary>The way of a name.</summary>
    public static Way Of(WayName name) => All.Single(way => way.Name == name);
}
