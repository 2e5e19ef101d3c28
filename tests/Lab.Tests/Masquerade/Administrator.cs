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

    /// <summary>The rules of both families without those of the appliance, and without counters and dates.</summary>
    public static async Task<string> OwnRulesAsync(LabHost host) => string.Join('\n',
        (await RulesAsync(host)).Split('\n').Where(line => !line.Contains("MBX-", StringComparison.Ordinal)));

    /// <summary>The rules of both families, without counters and dates.</summary>
    public static async Task<string> RulesAsync(LabHost host)
    {
        var ipv4 = (await host.RunAsync("iptables-save")).RequireSuccess();
        var ipv6 = (await host.RunAsync("ip6tables-save")).RequireSuccess();
        var lines = (ipv4 + ipv6).Split('\n').Where(line => !line.StartsWith('#'))
            .Select(line => line.StartsWith(':') ? line[..line.IndexOf('[', StringComparison.Ordinal)] : line);
        return string.Join('\n', lines);
    }

    private static async Task RestoreAsync(LabHost host, string tool, string rules) =>
        (await host.RunAsync([tool, "--noflush"], rules, CancellationToken.None)).RequireSuccess();
}
