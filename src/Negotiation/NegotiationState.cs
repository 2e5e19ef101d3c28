using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;

namespace Middlebox.Negotiation;

/// <summary>
/// What all packet threads of a box decide by. Immutable but for what was learnt; another one takes its place when the configuration
/// changes, and connections that are being set up go on by what their contexts remember.
/// </summary>
/// <param name="Options">Time-outs and limits.</param>
/// <param name="Policy">Which connections are served.</param>
/// <param name="Explicit">How to take part in the explicit scheme; null in implicit mode.</param>
/// <param name="DroppingServers">Servers that answer only without MP_CAPABLE.</param>
/// <param name="Servers">What is known of the servers of legacy clients.</param>
/// <param name="Tokens">Connections of this box, by the tokens of their clients.</param>
/// <param name="Relayed">The same, by addresses and ports.</param>
public sealed record NegotiationState(
    NegotiationOptions Options,
    PolicyTable Policy,
    ExplicitSettings? Explicit,
    DroppingServers DroppingServers,
    ServerCapabilities Servers,
    ServedTokens Tokens,
    RelayedFlows Relayed)
{
    /// <summary>Whether the box is about to end: new connections pass, those that have begun go on.</summary>
    public bool IsStopping { get; init; }
}
