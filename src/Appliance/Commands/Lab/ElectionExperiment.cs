using System.Net.Sockets;
using System.Text.Json;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Lab;

/// <summary>
/// Shows which of several boxes in a row acts: an MPTCP client fetches a page from a legacy and from a capable server through one,
/// two and three boxes, over IPv4 and IPv6. What is reported was read from each box.
/// </summary>
internal sealed class ElectionExperiment(TopologyCatalogue catalogue, IProgress<string> progress)
{
    public const string Name = "election";
    public const string Description = "Which of one, two and three boxes acts, for a legacy and a capable server";

    private static readonly string[] Topologies = ["one-proxy", "two-proxies", "three-proxies"];

    public async Task<IReadOnlyList<ElectionResult>> RunAsync(CancellationToken cancellation)
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

        return results;
    }

    private static async Task<ElectionResult> FetchAsync(
        Laboratory lab, string server, AddressFamily family, CancellationToken cancellation)
    {
        var boxes = lab.Topology.Boxes.Select(box => box.Host).ToList();
        var before = await Task.WhenAll(boxes.Select(box => SettledAsync(lab[box], cancellation)));
        var isIpv6 = family == AddressFamily.InterNetworkV6;
        var address = lab.Topology.EndsOf(server).SelectMany(end => end.Addresses).First(own => own.IsIPv6 == isIpv6).Address;
        var url = isIpv6 ? $"http://[{address}]/whoami" : $"http://{address}/whoami";
        (await lab["client"].RunAsync(["mptcpize", "run", "curl", "-sS", "-g", "--fail", url], input: null, cancellation)).RequireSuccess();
        var after = await Task.WhenAll(boxes.Select(box => SettledAsync(lab[box], cancellation)));

        var decisions = boxes.Select((box, i) => new BoxDecision(
            box,
            after[i].Created - before[i].Created,
            after[i].Adopted - before[i].Adopted,
            after[i].ServerCapable - before[i].ServerCapable));
        return new ElectionResult(boxes.Count, server, isIpv6, [.. decisions]);
    }

    /// <summary>A box's counts, once it holds nothing that is undecided.</summary>
    private static async Task<(long Created, long Adopted, long ServerCapable)> SettledAsync(LabHost box, CancellationToken cancellation)
    {
        JsonElement contexts = default;
        await Condition.WaitAsync(
            async () =>
            {
                contexts = (await box.BoxStatusAsync(cancellation)).GetProperty("contexts");
                return contexts.GetProperty("current").GetInt64() == 0;
            },
            TimeSpan.FromSeconds(5),
            $"{box.Name} has settled all its contexts",
            cancellation);
        var released = contexts.GetProperty("released");
        return (contexts.GetProperty("created").GetInt64(), CountOf("adopted"), CountOf("serverCapable"));

        long CountOf(string reason) => released.TryGetProperty(reason, out var count) ? count.GetInt64() : 0;
    }
}
