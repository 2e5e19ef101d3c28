using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Options;

/// <summary>One rule of section <c>Middlebox:Policy:Rules</c>; the first that matches decides.</summary>
public sealed record PolicyRuleOptions
{
    /// <value>Clients it is about: <c>any</c> (default) or a prefix such as <c>198.18.0.0/15</c>.</value>
    public string Client { get; init; } = "any";

    /// <value>Servers it is about: <c>any</c> (default) or a prefix.</value>
    public string Server { get; init; } = "any";

    /// <value>Server ports it is about: <c>any</c> (default), or ports and ranges such as <c>80,443,8000-8999</c>.</value>
    public string Ports { get; init; } = "any";

    /// <value>What to do. Required.</value>
    public PolicyAction? Action { get; init; }

    /// <value>
    /// Fraction of the connections that this box takes, 0 to 1. Default 1. The choice is stable, so that a second box may take the rest.
    /// </value>
    public double Share { get; init; } = 1;

    /// <value>Most connections of this rule at a time; more are left to another proxy. Default no limit; 1 or more.</value>
    public int? MaxFlows { get; init; }

    /// <value>Most new connections of this rule in a second; more are left to another proxy. Default no limit; 1 or more.</value>
    public int? MaxNewFlowsPerSecond { get; init; }

    /// <value>
    /// Whether the box speaks MPTCP to capable servers in the place of clients that do not speak it. Default false; true with the action Serve only.
    /// </value>
    public bool UpgradeClients { get; init; }

    /// <value>Preference of this box's claims, 0 to 7. Default: that of section Explicit.</value>
    public int? Preference { get; init; }
}
