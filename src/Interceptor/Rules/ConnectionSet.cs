using System.Globalization;

namespace Middlebox.Interceptor.Rules;

/// <summary>
/// The connections whose clients asked for MPTCP, remembered by the kernel itself in a set (ipset(8), hash:ip,port,ip) as client,
/// client's port and server: only their SYN/ACKs and RSTs need to be queued, and no packet of any other connection ever is.
/// </summary>
/// <remarks>
/// An entry outlives the context, because it is only forgotten by time. So there is room for many more; a full set gives
/// up old entries for new ones, as the table of contexts does.
/// </remarks>
public static class ConnectionSet
{
    /// <summary>In a rule about a segment of the client's.</summary>
    public const string FromClient = "src,src,dst";

    /// <summary>In a rule about a segment of the server's.</summary>
    public const string FromServer = "dst,dst,src";

    // The kernel makes no set larger while it adds to it from a rule: so many entries find room in so many buckets from the beginning.
    private const int EntriesForContext = 8;
    private const int EntriesInBucket = 4;

    public static string Name(RuleFamily family) =>
        FirewallRules.ChainPrefix + (family == RuleFamily.IPv4 ? "SYN4" : "SYN6");

    /// <summary>Makes the set of a family.</summary>
    /// <param name="family">Which one.</param>
    /// <param name="contexts">Most contexts of the box.</param>
    public static string[] CreateCommand(RuleFamily family, int contexts)
    {
        var entries = Math.Max(1L << 16, (long)contexts * EntriesForContext);
        return
        [
            "ipset", "-exist", "create", Name(family), "hash:ip,port,ip",
            "family", family == RuleFamily.IPv4 ? "inet" : "inet6",
            "timeout", "60", "forceadd",
            "maxelem", entries.ToString(CultureInfo.InvariantCulture),
            "hashsize", (entries / EntriesInBucket).ToString(CultureInfo.InvariantCulture),
        ];
    }

    /// <summary>Removes the set of a family; no rule may use it any more.</summary>
    public static string[] DestroyCommand(RuleFamily family) => ["ipset", "destroy", Name(family)];
}
