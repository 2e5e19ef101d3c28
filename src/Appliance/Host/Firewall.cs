using System.Text.RegularExpressions;
using Middlebox.Interceptor;
using Middlebox.Interceptor.Rules;

namespace Middlebox.Appliance.Host;

/// <summary>The tools that load and save rules, and what the rules in force say about connection tracking.</summary>
public static class Firewall
{
    private static readonly string[] SignsOfTracking =
    [
        "-j MASQUERADE", "-j SNAT", "-j DNAT", "-j REDIRECT", "-j NETMAP", "-j CONNMARK", "-j CONNSECMARK",
        "-m conntrack", "-m state", "-m connmark", "-m connlimit", "-m connbytes", "-m connlabel", "-m helper",
    ];

    // Expressions of nft(8) as it lists them; an ICMP type is called redirect as well.
    private static readonly Regex NftSignsOfTracking = new(
        @"\bct [a-z]|\bflow add @|\b(snat|dnat) ([a-z0-9.]+ )*to "
        + @"|(?<!type )(?<![-\w])(masquerade|redirect)(?=\s*$| to :| random| fully-random| persistent| comment)",
        RegexOptions.CultureInvariant);

    private static readonly Regex QuotedText = new("\"[^\"]*\"", RegexOptions.CultureInvariant);

    public static string SaveTool(RuleFamily family) => family == RuleFamily.IPv4 ? "iptables-save" : "ip6tables-save";

    /// <summary>Adds to what is there, in one transaction for each table.</summary>
    public static IReadOnlyList<string> RestoreCommand(RuleFamily family) =>
        [family == RuleFamily.IPv4 ? "iptables-restore" : "ip6tables-restore", "--noflush"];

    /// <summary>The box's own rules of a family that are in force.</summary>
    /// <param name="family">Which tables.</param>
    /// <param name="known">What they were before.</param>
    /// <exception cref="HostSetupException">There is no telling.</exception>
    public static IReadOnlyList<string> OwnRulesOf(RuleFamily family, IReadOnlyCollection<string> known) =>
        OwnRules.In(Tool.Run([SaveTool(family)]).OrThrow().Output, known);

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
        WithoutComments(iptables)
            .Where(line => !line.Contains(FirewallRules.ChainPrefix, StringComparison.Ordinal))
            .Any(line => SignsOfTracking.Any(sign => line.Contains(sign, StringComparison.Ordinal)))
        || WithoutComments(nft).Any(line => NftSignsOfTracking.IsMatch(line));

    private static IEnumerable<string> WithoutComments(string rules) =>
        rules.Split('\n').Select(line => QuotedText.Replace(line, "\"\""));
}
