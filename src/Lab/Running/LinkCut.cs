using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Running;

/// <summary>Interrupts a link and mends it: both ends drop all that arrives, addresses and routes stay.</summary>
/// <remarks>
/// Not by setting a device down: the kernel would forget the device's IPv6 addresses and the routes over it, and the peers
/// would be told at once, while most links that fail in practice just fall silent.
/// </remarks>
internal sealed class LinkCut(string instance, TopologyLink link)
{
    /// <summary>Drops everything that arrives over the link.</summary>
    public Task CutAsync(CancellationToken cancellation) => ChangeAsync("-I", cancellation);

    /// <summary>Lets everything through again.</summary>
    public Task RestoreAsync(CancellationToken cancellation) => ChangeAsync("-D", cancellation);

    private async Task ChangeAsync(string action, CancellationToken cancellation)
    {
        foreach (var end in new[] { link.Left, link.Right })
        {
            foreach (var tool in new[] { "iptables", "ip6tables" })
            {
                var result = await ProcessRunner.RunAsync(
                    ["ip", "netns", "exec", InstancePaths.NamespaceName(instance, end.Host), tool, "-w", "-t", "raw",
                        action, "PREROUTING", "-i", end.Device, "-j", "DROP"],
                    cancellation: cancellation);
                if (result.ExitCode != 0)
                    throw new LabException($"{tool} {action} for link {link.Name} on {end.Host}: {result.Error.Trim()}");
            }
        }
    }
}
