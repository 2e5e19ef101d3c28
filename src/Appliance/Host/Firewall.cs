using Middlebox.Interceptor;
using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Host;

/// <summary>The tools that load and save rules, and what the rules in force say about connection tracking.</summary>
public static class Firewall
{
    private static readonly string[] SignsOfTracking =
        ["-j MASQUERADE", "-j SNAT", "-j DNAT", "-j REDIRECT", "-j NETMAP", "--ctstate", "--state", "--ctdir", "-m connmark"];

    private static readonly string[] NftSignsOfTracking = ["ct state", "ct mark", "ct status", "masquerade", "snat", "dnat", "redirect"];

    public static string SaveTool(RuleFamily family) => family == RuleFamily.IPv4 ? "iptables-save" : "ip6tables-save";

    /// <summary>Adds to what is there, in one transaction for each table.</summary>
    public static IReadOnlyList<string> RestoreCommand(RuleFamily family) =>
        [family == RuleFamily.IPv4 ? "iptables-restore" : "ip6tables-restore", "--noflush"];

    /// <summary>Whether the box tracks connections: as configured, or by the rules that are in force now.</summary>
    public static bool UsesConntrack(ConntrackUse configured) => configured switch
    {
        ConntrackUse.On => true,
        ConntrackUse.Off => false,
        _ => MentionsConntrack(
            Tool.Run([SaveTool(RuleFamily.IPv4)]).Output + Tool.Run([SaveTool(RuleFamily.IPv6)]).Output,
            Tool.Run(["nft", "list", "ruleset"]).Output),
    };

    /// <summary>Whether rules need connection tracking.</summary>
    /// <param name="iptables">Output of iptables-save and ip6tables-save.</param>
    /// <param name="nft">Output of nft list ruleset, empty where there is no nft.</param>
    public static bool MentionsConntrack(string iptables, string nft) =>
        iptables.Split('\n')
            .Where(line => !line.Contains(FirewallRules.ChainPrefix, StringComparison.Ordinal))
            .Any(line => SignsOfTracking.Any(sign => line.Contains(sign, StringComparison.Ordinal)))
        || nft.Split('\n').Any(line => NftSignsOfTracking.Any(sign => line.Contains(sign, StringComparison.Ordinal)));
}
