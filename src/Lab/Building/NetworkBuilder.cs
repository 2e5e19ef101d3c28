using System.Net.Sockets;
using Middlebox.Lab.Running;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Building;

/// <summary>
/// Builds the namespaces of a topology. Within a step all hosts are worked on at once; a step begins when the one before
/// has been done on every host, because routes need their neighbours' devices.
/// </summary>
/// <param name="topology">What to build.</param>
/// <param name="instance">The lab's name.</param>
/// <param name="emulator">Makes the devices of emulated links; null if there are none.</param>
internal sealed class NetworkBuilder(Topology topology, string instance, EmulatorProcess? emulator)
{
    /// <summary>Builds everything.</summary>
    /// <exception cref="LabException">A command failed; what was built until then is left for the caller to remove.</exception>
    public async Task BuildAsync(CancellationToken cancellation)
    {
        var script = new NamespaceScript(topology, instance);
        await BatchRunner.RunAsync(["ip"], script.Namespaces(), cancellation);
        foreach (var host in topology.Hosts)
            KernelSettings.ApplyBeforeDevices(Name(host), host);
        await BatchRunner.RunAsync(["ip"], script.Links(), cancellation);
        if (emulator is not null)
            await emulator.StartAsync(cancellation);
        await EachHost(host => BatchRunner.RunAsync(["ip", "-n", Name(host)], script.Devices(host), cancellation));
        await EachHost(host => ConfigureAsync(host, cancellation));
    }

    private async Task ConfigureAsync(TopologyHost host, CancellationToken cancellation)
    {
        KernelSettings.ApplyOwn(Name(host), host);
        await Task.WhenAll(
            BatchRunner.RunAsync(["ip", "-4", "-n", Name(host)],
                NamespaceScript.Routes(host, AddressFamily.InterNetwork), cancellation),
            BatchRunner.RunAsync(["ip", "-6", "-n", Name(host)],
                NamespaceScript.Routes(host, AddressFamily.InterNetworkV6), cancellation),
            BatchRunner.RunAsync(["ip", "-n", Name(host)], NamespaceScript.PathManager(host), cancellation),
            BatchRunner.RunAsync(["tc", "-n", Name(host)], TrafficControl.Lines(topology, host.Name), cancellation),
            ApplyFirewallAsync(host, cancellation));
    }

    private async Task ApplyFirewallAsync(TopologyHost host, CancellationToken cancellation)
    {
        if (FirewallScript.For(topology, host) is not { } script)
            return;
        foreach (var tool in new[] { "iptables-restore", "ip6tables-restore" })
        {
            var result = await ProcessRunner.RunAsync(["ip", "netns", "exec", Name(host), tool, "-w"], script, cancellation);
            if (result.ExitCode != 0)
                throw new LabException($"{tool} on {host.Name}: {result.Error.Trim()}");
        }
    }

    private Task EachHost(Func<TopologyHost, Task> work) => Task.WhenAll(topology.Hosts.Select(work));

    private string Name(TopologyHost host) => InstancePaths.NamespaceName(instance, host.Name);
}
