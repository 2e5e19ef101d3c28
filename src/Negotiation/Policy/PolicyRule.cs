using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Policy;

/// <summary>One line of the policy: which connections it is about, and what to do with them.</summary>
public sealed record PolicyRule(AddressPrefix Client, AddressPrefix Server, PortSet ServerPorts, PolicyAction Action)
{
    public bool Matches(in FlowKey flow) =>
        ServerPorts.Contains(flow.Server.Port)
        && Client.Contains(flow.Client.Address)
        && Server.Contains(flow.Server.Address);
}
