using System.Net.Sockets;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Selection;

/// <summary>
/// Shows what each scheme costs and which box it chooses: contexts created in each of one to four boxes for connections to a legacy
/// server, by the implicit and the explicit scheme, and by every kind of selection policy. IPv4 and IPv6 in turn.
/// </summary>
internal sealed class SelectionExperiment : IExperiment
{
    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    public string Name => "selection";

    public string Description => "Contexts in each of one to four boxes by both schemes, and the box that each policy chooses";

    public async Task<IExperimentReport> RunAsync(
        TopologyCatalogue catalogue, IProgress<string> progress, CancellationToken cancellation)
    {
        List<SelectionResult> results = [];
        foreach (var selection in SelectionCases.All)
        {
            progress.Report($"{selection.Topology}: {selection.Name}, {selection.Connections} connections");
            var topology = selection.Adapt(catalogue.Load(selection.Topology));
            var options = new LabOptions { InstanceName = $"selection{Environment.ProcessId}", StartServers = false };
            await using var lab = await Laboratory.UpAsync(topology, options, cancellation: cancellation);
            results.Add(await selection.MeasureAsync(lab, Families, cancellation));
        }

        return new SelectionReport(results);
    }
}
