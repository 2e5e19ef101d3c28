using System.Net.Sockets;
using Middlebox.Lab;
using Middlebox.Lab.Topologies;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Selection;

/// <summary>Connections of an MPTCP client to a legacy server through boxes in a row, and what each box must do with them.</summary>
/// <param name="Name">What is shown.</param>
/// <param name="Topology">Name of the topology.</param>
/// <param name="Boxes">What is expected of the boxes, from client to server.</param>
internal sealed record SelectionCase(string Name, string Topology, IReadOnlyList<BoxExpectation> Boxes)
{
    /// <summary>Connections in all. Default 200.</summary>
    public int Connections { get; init; } = 200;

    /// <summary>Server ports, which the connections use in turn. Default one.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [7000];

    /// <summary>Whether all connections are open at a time. Default: each ends when its bytes have arrived.</summary>
    public bool KeepOpen { get; init; }

    /// <summary>Further settings of the first boxes, from client to server. Default none.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Settings { get; init; } = [];

    /// <summary>The topology with the settings, and with a client that opens one subflow: no more is asked for here.</summary>
    public Topology Adapt(Topology topology) => topology with
    {
        Hosts = [.. topology.Hosts.Select(host => host.Name == "client" ? host with { Mptcp = null } : host)],
        Boxes = [.. topology.Boxes.Select((box, i) => i < Settings.Count
            ? box with { Settings = new Dictionary<string, string>(box.Settings.Concat(Settings[i])) }
            : box)],
    };

    /// <summary>Makes the connections in a lab of this topology, and reads what its boxes did.</summary>
    /// <param name="lab">The lab; its boxes serve.</param>
    /// <param name="families">What the connections use in turn: InterNetwork, InterNetworkV6.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<SelectionResult> MeasureAsync(
        Laboratory lab, IReadOnlyList<AddressFamily> families, CancellationToken cancellation)
    {
        using var echo = new EchoServers(lab["legacy"], families, Ports);
        var before = await BoxCounts.ReadSettledAsync(lab, cancellation);
        var load = await ConnectionLoad.RunAsync(lab, families, this, cancellation);
        var after = await BoxCounts.ReadSettledAsync(lab, cancellation);
        return new SelectionResult(this, load, BoxCounts.Difference(lab, before, after));
    }
}
