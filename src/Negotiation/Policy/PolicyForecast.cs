using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Policy;

/// <summary>What the policy in force would say of a connection that has not begun, without counting it. For people, not for packets.</summary>
/// <param name="RuleNumber">The rule that decides, from 0; null for the default.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Reason">How its SYN with MP_CAPABLE would be decided on, unless a limit is reached then.</param>
public sealed record PolicyForecast(int? RuleNumber, PolicyRule Rule, Reason Reason)
{
    /// <param name="state">What decisions are made by.</param>
    /// <param name="flow">The connection; without the client's port (0) its share is not known, and it is taken to be in it.</param>
    public static PolicyForecast Of(NegotiationState state, in FlowKey flow)
    {
        var rule = state.Policy.Find(in flow);
        var isOutsideShare = flow.Client.Port.Value > 0 && !FlowShare.Includes(in flow, rule.Share);
        var reason = rule.Action switch
        {
            PolicyAction.Bypass => Reason.PolicyBypass,
            _ when state.DroppingServers.Contains(flow.Server) => Reason.ServerDropsMptcp,
            PolicyAction.Defer => Reason.PolicyDefer,
            _ when isOutsideShare => Reason.NotInShare,
            _ => state.Explicit is null ? Reason.Served : Reason.Claimed,
        };
        return new PolicyForecast(state.Policy.NumberOf(in flow), rule, reason);
    }
}
