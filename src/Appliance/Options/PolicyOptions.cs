using Middlebox.Negotiation.Policy;

namespace Middlebox.Appliance.Options;

/// <summary>Section <c>Middlebox:Policy</c>: which connections are served.</summary>
public sealed record PolicyOptions
{
    /// <value>What to do where no rule matches. Default <c>Serve</c>.</value>
    public PolicyAction Default { get; init; } = PolicyAction.Serve;

    /// <value>The rules, in order. Default none.</value>
    public IReadOnlyList<PolicyRuleOptions> Rules { get; init; } = [];

    /// <summary>Whether there is any connection that is not forwarded and forgotten.</summary>
    public bool LooksAtAnything => Default != PolicyAction.Bypass || Rules.Any(rule => rule.Action != PolicyAction.Bypass);
}
