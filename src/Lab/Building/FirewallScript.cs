using System.Globalization;
using System.Text;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Building;

/// <summary>The iptables-restore(8) input of a host: lossy links, the administrator's own rules and the way to an element.</summary>
internal static class FirewallScript
{
    /// <summary>The rules, the same for both families; null when the host needs none.</summary>
    public static string? For(Topology topology, TopologyHost host)
    {
        var script = new StringBuilder();
        AppendLoss(script, topology, host.Name);
        if (host.Nat is { } nat)
            AppendAddressTranslation(script, nat);
        if (topology.Elements.Any(element => element.Host == host.Name))
            AppendElement(script);
        return script.Length == 0 ? null : script.ToString();
    }

    // In raw, before anything that the appliance does: a packet that is lost on the link was never seen by the host.
    private static void AppendLoss(StringBuilder script, Topology topology, string host)
    {
        var lossy = topology.Links
            .Where(link => !link.IsEmulated)
            .SelectMany(link =>
                new (LinkEnd Sender, LinkEnd Receiver)[] { (link.Left, link.Right), (link.Right, link.Left) })
            .Where(way => way.Receiver.Host == host && way.Sender.Loss > 0)
            .ToList();
        if (lossy.Count == 0)
            return;
        script.Append("*raw\n");
        foreach (var (sender, receiver) in lossy)
        {
            script.Append(CultureInfo.InvariantCulture, $"-A PREROUTING -i {receiver.Device} -m statistic --mode random ")
                .Append(CultureInfo.InvariantCulture, $"--probability {sender.Loss:0.#########} -j DROP\n");
        }
        script.Append("COMMIT\n");
    }

    // SYNs and SYN/ACKs; they pass untouched while the element does not run.
    private static void AppendElement(StringBuilder script)
    {
        script.Append("*mangle\n");
        script.Append("-A FORWARD -p tcp --tcp-flags SYN,RST,FIN SYN -j NFQUEUE --queue-num ")
            .Append(CultureInfo.InvariantCulture, $"{ElementPlacement.Queue} --queue-bypass\n");
        script.Append("COMMIT\n");
    }

    private static void AppendAddressTranslation(StringBuilder script, AddressTranslation nat)
    {
        if (nat.Masquerade.Count > 0)
        {
            script.Append("*nat\n");
            foreach (var device in nat.Masquerade)
                script.Append(CultureInfo.InvariantCulture, $"-A POSTROUTING -o {device} -j MASQUERADE\n");
            script.Append("COMMIT\n");
        }
        if (nat.DropInvalid)
        {
            script.Append("*filter\n");
            script.Append("-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n");
            script.Append("-A FORWARD -m conntrack --ctstate INVALID -j DROP\n");
            script.Append("COMMIT\n");
        }
    }
}
