using System.Net.Sockets;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Election;

/// <summary>
/// Shows which of several boxes in a row acts: an MPTCP client fetches a page from a legacy and from a capable server through one,
/// two and three boxes, over IPv4 and IPv6. What is reported was read from each box.
/// </summary>
internal sealed class ElectionExperiment : IExperiment
{
    private static readonly string[] Topologies = ["one-proxy", "two-proxies", "three-proxies"];

    public string Name => "election";

    public string Description => "Which of one, two and three boxes acts, for a legacy and a capable server";

    public async Task<IExperimentReport> RunAsync(
        TopologyCatalogue catalogue, IProgress<string> progress, CancellationToken cancellation)
    {
        List<ElectionResult> results = [];
        foreach (var name in Topologies)
        {
            var topology = catalogue.Load(name);
            progress.Report($"{name}: {topology.Boxes.Count} in a row");
            var options = new LabOptions { InstanceName = $"election{Environment.ProcessId}" };
            await using var lab = await Laboratory.UpAsync(topology, options, cancellation: cancellation);
            foreach (var server in new[] { "legacy", "capable" })
            {
                foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
                    results.Add(await FetchAsync(lab, server, family, cancellation));
            }
        }

        return new ElectionReport(results);
    }

    private static async Task<ElectionResult> FetchAsync(
        Laboratory lab, string server, AddressFamily family, CancellationToken cancellation)
    {
        var before = await BoxCounts.ReadSettledAsync(lab, cancellation);
        var isIpv6 = family == AddressFamily.InterNetworkV6;
        var address = lab.Topology.EndsOf(server).SelectMany(end => end.Addresses).First(own => own.IsIPv6 == isIpv6).Address;
        var url = isIpv6 ? $"http://[{address}]/whoami" : $"http://{address}/whoami";
        (await lab["client"].RunAsync(["mptcpize", "run", "curl", "-sS", "-g", "--fail", url], input: null, cancellation)).RequireSuccess();
        var after = await BoxCounts.ReadSettledAsync(lab, cancellation);
        return new ElectionResult(after.Length, server, isIpv6, BoxCounts.Difference(lab, before, after));
    }
}
