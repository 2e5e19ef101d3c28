namespace Middlebox.Appliance.Host;

/// <summary>Reads what nft list ruleset prints, as far as the self-check needs it.</summary>
public static class NftRuleset
{
    /// <summary>
    /// Base chains on input or output that drop by default and that are not iptables' own, as "family table chain": a rule of the box
    /// in iptables cannot accept what they drop, because with nftables a drop is final.
    /// </summary>
    public static IReadOnlyList<string> DroppingChains(string ruleset)
    {
        List<string> found = [];
        var (table, chain) = ("", "");
        foreach (var line in ruleset.Split('\n', StringSplitOptions.TrimEntries))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["table", var family, var name, "{"])
                table = $"{family} {name}";
            else if (words is ["chain", var named, "{"])
                chain = named;
            else if (words is ["type", "filter", "hook", "input" or "output", ..]
                && line.Contains("policy drop", StringComparison.Ordinal)
                && !IsOfIptables(table))
                found.Add($"{table} {chain}");
        }

        return found;
    }

    private static bool IsOfIptables(string table) => table is "ip filter" or "ip6 filter";
}
