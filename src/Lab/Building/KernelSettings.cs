using Middlebox.Lab.Topologies;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Building;

/// <summary>Writes the settings under <c>/proc/sys/net</c> of a host's namespace.</summary>
internal static class KernelSettings
{
    /// <summary>What must be set before there are devices, which inherit it.</summary>
    /// <exception cref="LabException">The kernel refused a value.</exception>
    public static void ApplyBeforeDevices(string networkNamespace, TopologyHost host) =>
        Write(networkNamespace,
        [
            // With two accesses, answers come in where the route to the peer does not lead out.
            new("net.ipv4.conf.all.rp_filter", "0"),
            new("net.ipv4.conf.default.rp_filter", "0"),
            // A link-local address that is still being checked for duplicates cannot ask for neighbours: forwarding of
            // IPv6 would begin two seconds late.
            new("net.ipv6.conf.default.accept_dad", "0"),
            new("net.ipv6.conf.default.dad_transmits", "0"),
            new("net.ipv6.conf.all.disable_ipv6", "0"),
            new("net.ipv6.conf.default.disable_ipv6", "0"),
            new("net.ipv4.ip_forward", host.Forwarding ? "1" : "0"),
            new("net.ipv6.conf.all.forwarding", host.Forwarding ? "1" : "0"),
            new("net.ipv4.tcp_congestion_control", host.CongestionControl),
        ]);

    /// <summary>The topology's own settings, which may name devices.</summary>
    /// <exception cref="LabException">The kernel refused a value.</exception>
    public static void ApplyOwn(string networkNamespace, TopologyHost host)
    {
        if (host.Sysctls.Count > 0)
            Write(networkNamespace, host.Sysctls);
    }

    private static void Write(string networkNamespace, IEnumerable<KeyValuePair<string, string>> settings) =>
        NetworkNamespace.Run(networkNamespace, () =>
        {
            foreach (var (name, value) in settings)
                Write(networkNamespace, name, value);
            return true;
        });

    private static void Write(string networkNamespace, string name, string value)
    {
        try
        {
            File.WriteAllText($"/proc/sys/{name.Replace('.', '/')}", value);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LabException($"{networkNamespace}: cannot set {name} to {value}: {exception.Message}", exception);
        }
    }
}
