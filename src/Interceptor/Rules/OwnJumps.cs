namespace Middlebox.Interceptor.Rules;

/// <summary>
/// Tells the jumps by which the box has hung its chains into the kernel's from those that somebody else has added: of each there is a copy in a chain
/// of the box's to which no packet comes, <c>MBX-FROM-FORWARD</c> for one in FORWARD. iptables-save prints both in the same words, whatever version of the box or of the
/// tool has written them.
/// </summary>
internal sealed class OwnJumps
{
    private const string CopiesPrefix = FirewallRules.ChainPrefix + "FROM-";
    private const string Append = "-A ";

    private readonly HashSet<string> _own;

    /// <param name="table">The lines of one table, as iptables-save writes them.</param>
    /// <param name="known">Jumps that are known to be the box's beside those of which there are copies.</param>
    public OwnJumps(IEnumerable<string> table, IEnumerable<string> known) => _own =
    [
        .. known,
        .. table.Where(line => line.StartsWith(Append + CopiesPrefix, StringComparison.Ordinal)).Select(line => Append + line[(Append + CopiesPrefix).Length..]),
    ];

    /// <summary>Whether a rule is such a jump.</summary>
    public bool Contains(string rule) => TargetOf(rule) is not null && _own.Contains(rule);

    /// <summary>The chain of the box's to which a rule in a chain that is not the box's leads; null if it does not. Text of the administrator's leads nowhere.</summary>
    public static string? TargetOf(string rule)
    {
        if (!rule.StartsWith(Append, StringComparison.Ordinal) || rule.StartsWith(Append + FirewallRules.ChainPrefix, StringComparison.Ordinal))
            return null;
        var words = rule.Split(' ');
        // A jump or a goto ends its rule, and a name has no quotes.
        return words is [.., "-j" or "-g", var target] && target.StartsWith(FirewallRules.ChainPrefix, StringComparison.Ordinal) && !target.Contains('"') ? target : null;
    }

    /// <summary>The chain for copies of the jumps from a chain.</summary>
    public static string CopiesOf(string chain) => CopiesPrefix + chain;
}
