namespace Middlebox.Lab.Tests.Observation;

/// <summary>What an appliance might change on a host, as text to compare.</summary>
public static class HostState
{
    private const string ApplianceChainPrefix = "MBX-";

    /// <summary>Rules, routes, parameters, devices and the MPTCP path manager's settings.</summary>
    public static async Task<string> ReadAsync(LabHost host)
    {
        var parts = new List<string> { await RulesAsync(host) };
        string[] commands =
        [
            "ip -4 rule", "ip -6 rule", "ip -4 route show table all", "ip -6 route show table all", "ip -br link",
            "ip -br address", "ip mptcp endpoint show", "ip mptcp limits show", "ipset list -n",
        ];
        foreach (var command in commands)
            parts.Add($"# {command}\n{(await host.RunAsync("sh", "-c", command)).RequireSuccess()}");
        // Some parameters cannot be read, which sysctl takes for a failure; the number of connections is no setting.
        var parameters = await host.RunAsync("sysctl", "-a", "--pattern", "^net\\.");
        parts.AddRange(parameters.Output.Split('\n')
            .Where(line => !line.StartsWith("net.netfilter.nf_conntrack_count", StringComparison.Ordinal)));
        return string.Join('\n', parts);
    }

    /// <summary>The rules of both families, without the appliance's own, which are recognised by their chains.</summary>
    public static async Task<string> RulesWithoutApplianceAsync(LabHost host) =>
        Normalize((await SaveAsync(host)).Where(line => !line.Contains(ApplianceChainPrefix, StringComparison.Ordinal)));

    /// <summary>The rules of both families.</summary>
    public static async Task<string> RulesAsync(LabHost host) => Normalize(await SaveAsync(host));

    private static async Task<IEnumerable<string>> SaveAsync(LabHost host)
    {
        var ipv4 = (await host.RunAsync("iptables-save")).RequireSuccess();
        var ipv6 = (await host.RunAsync("ip6tables-save")).RequireSuccess();
        return (ipv4 + ipv6).Split('\n');
    }

    /// <summary>
    /// Leaves out comments, which carry the date, counters, and tables that do nothing: those appear when they are first
    /// used, and iptables cannot remove them.
    /// </summary>
    private static string Normalize(IEnumerable<string> lines)
    {
        var kept = new List<string>();
        var table = new List<string>();
        foreach (var line in lines.Where(line => !line.StartsWith('#')))
        {
            table.Add(line.StartsWith(':') ? line[..line.IndexOf('[', StringComparison.Ordinal)] : line);
            if (line != "COMMIT")
                continue;
            if (table.Any(entry => entry.StartsWith('-') || (entry.StartsWith(':') && !entry.EndsWith(" ACCEPT ", StringComparison.Ordinal))))
                kept.AddRange(table);
            table.Clear();
        }
        return string.Join('\n', kept);
    }
}
