namespace Middlebox.Lab.Tests.Masquerade;

/// <summary>What the administrator of an access gateway does with its firewall, before and beside the appliance.</summary>
public static class Administrator
{
    private const string InputRules =
        """
        *filter
        :INPUT DROP [0:0]
        -A INPUT -i lo -j ACCEPT
        -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
        COMMIT

        """;

    // Without them a host of IPv6 has no neighbours.
    private const string NeighbourDiscovery =
        """
        *filter
        -A INPUT -p icmpv6 --icmpv6-type neighbour-solicitation -j ACCEPT
        -A INPUT -p icmpv6 --icmpv6-type neighbour-advertisement -j ACCEPT
        COMMIT

        """;

    /// <summary>Closes a host: in comes what is answered, over loopback, and nothing else.</summary>
    public static async Task CloseInputAsync(LabHost host)
    {
        await RestoreAsync(host, "iptables-restore", InputRules);
        await RestoreAsync(host, "ip6tables-restore", InputRules + NeighbourDiscovery);
    }

    private static async Task RestoreAsync(LabHost host, string tool, string rules) =>
        (await host.RunAsync([tool, "--noflush"], rules, CancellationToken.None)).RequireSuccess();
}
