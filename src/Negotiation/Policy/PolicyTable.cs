using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Policy;

/// <summary>The policy: the first rule that matches decides, and the default where none does. Immutable.</summary>
public sealed class PolicyTable(IEnumerable<PolicyRule> rules, PolicyAction defaultAction)
{
    private readonly PolicyRule[] _rules = [.. rules];
    private readonly PolicyRule _default = PolicyRule.ForEverything(defaultAction);

    public PolicyRule Find(in FlowKey flow)
    {
        foreach (var rule in _rules)
        {
            if (rule.Matches(in flow))
                return rule;
        }

        return _default;
    }

    /// <summary>The place of the rule that decides, from 0; null if it is the default. For people, not for packets.</summary>
    public int? NumberOf(in FlowKey flow)
    {
        for (var i = 0; i < _rules.Length; i++)
        {
            if (_rules[i].Matches(in flow))
                return i;
        }

        return null;
    }
}
