using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;

namespace Middlebox.Negotiation;

/// <summary>What all packet threads of a box decide by: the policy, what was learnt of servers, and the tokens served.</summary>
public sealed record NegotiationState(PolicyTable Policy, DroppingServers DroppingServers, ServedTokens Tokens);
