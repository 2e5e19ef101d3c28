namespace Middlebox.Interceptor.Rules;

/// <summary>
/// The dead man's switch: packets are queued as long as this set (ipset(8), hash:net) holds the whole address space, and its entries
/// last for a second unless the packet threads renew them (<see cref="Liveness.Heartbeat"/>).
/// </summary>
/// <remarks>
/// A queue without an owner lets packets pass at once. This is for a daemon that is there, and stands still: stopped, starved or
/// caught in a loop, it would hold each SYN back until its queue is full.
/// </remarks>
public static class HeartbeatSet
{
    /// <summary>How long packets are queued after the last sign of life.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromSeconds(1);

    public static string Name(RuleFamily family) =>
        FirewallRules.ChainPrefix + (family == RuleFamily.IPv4 ? "ALIVE4" : "ALIVE6");

    /// <summary>Makes the set of a family, empty.</summary>
    public static string[] CreateCommand(RuleFamily family) =>
    [
        "ipset", "-exist", "create", Name(family), "hash:net", "family", family == RuleFamily.IPv4 ? "inet" : "inet6",
        "timeout", "1",
    ];

    /// <summary>Removes the set of a family; no rule may use it any more.</summary>
    public static string[] DestroyCommand(RuleFamily family) => ["ipset", "destroy", Name(family)];
}
