using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Policy;

/// <summary>One line of the policy: which connections it is about, and what to do with them.</summary>
/// <param name="Client">Clients it is about.</param>
/// <param name="Server">Servers it is about.</param>
/// <param name="ServerPorts">Server ports it is about.</param>
/// <param name="Action">What to do.</param>
/// <param name="Share">Fraction of the connections that are served, 0 to 1; the others are left to another proxy.</param>
/// <param name="Preference">How much they are wanted, 0 to 7; null for the box's own preference.</param>
/// <param name="Admission">How many at a time and how fast; null for no limit.</param>
/// <param name="UpgradeClients">Whether the box speaks MPTCP to servers in the place of clients that do not.</param>
public sealed record PolicyRule(
    AddressPrefix Client,
    AddressPrefix Server,
    PortSet ServerPorts,
    PolicyAction Action,
    double Share = 1,
    byte? Preference = null,
    FlowAdmission? Admission = null,
    bool UpgradeClients = false)
{
    /// <summary>The rule for whatever no other rule is about.</summary>
    public static PolicyRule ForEverything(PolicyAction action) =>
        new(AddressPrefix.Any, AddressPrefix.Any, PortSet.Any, action);

    public bool Matches(in FlowKey flow) =>
        ServerPorts.Contains(flow.Server.Port)
        && Client.Contains(flow.Client.Address)
        && Server.Contains(flow.Server.Address);
}
