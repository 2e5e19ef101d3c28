using Middlebox.Appliance.Options;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;

namespace Middlebox.Appliance;

/// <summary>Makes of a checked configuration what the packet threads decide by. What was learnt outlives every configuration.</summary>
internal sealed class NegotiationStateFactory(
    DroppingServers droppingServers, ServerCapabilities servers, ServedTokens tokens, RelayedFlows relayed, TimeProvider time)
{
    private readonly Dictionary<PolicyRuleOptions, FlowAdmission> _admissions = [];

    /// <remarks>A rule that stays as it is goes on counting the connections that it has, whatever else changes.</remarks>
    public NegotiationState Create(MiddleboxOptions options) => new(
        options.Negotiation,
        new PolicyTable(options.Policy.Rules.Select(CreateRule), options.Policy.Default),
        options.Mode == NegotiationMode.Explicit ? CreateExplicit(options.Explicit) : null,
        droppingServers,
        servers,
        tokens,
        relayed);

    private static ExplicitSettings CreateExplicit(ExplicitOptions options) => new(
        (ushort)options.ProxyId, (byte)options.Preference, options.Carrier, CheckedKeys.Read(options.KeyFile), options.AcceptUnsigned);

    private PolicyRule CreateRule(PolicyRuleOptions rule) => new(
        AddressPrefix.Parse(rule.Client),
        AddressPrefix.Parse(rule.Server),
        PortSet.Parse(rule.Ports),
        rule.Action!.Value,
        rule.Share,
        (byte?)rule.Preference,
        rule.MaxFlows is null && rule.MaxNewFlowsPerSecond is null
            ? null
            : AdmissionOf(rule),
        rule.UpgradeClients);

    private FlowAdmission AdmissionOf(PolicyRuleOptions rule)
    {
        if (!_admissions.TryGetValue(rule, out var admission))
            _admissions.Add(rule, admission = new FlowAdmission(rule.MaxFlows, rule.MaxNewFlowsPerSecond, time));
        return admission;
    }
}
