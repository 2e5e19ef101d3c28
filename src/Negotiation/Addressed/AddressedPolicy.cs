using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;

namespace Middlebox.Negotiation.Addressed;

/// <summary>Whom the box relays that name their servers in the SYN, and to where.</summary>
/// <param name="policy">Clients, servers and ports; the same rules as for those who name their servers in the first bytes.</param>
/// <param name="isOwnAddress">Whether an address is the box's own.</param>
public sealed class AddressedPolicy(ConverterPolicy policy, Func<HostAddress, bool> isOwnAddress)
{
    /// <param name="addressed">The client, and the address and port of the box that it has sent its SYN to.</param>
    /// <param name="server">The server that it names.</param>
    public AddressedRefusal Assess(in FlowKey addressed, in HostEndpoint server)
    {
        var refusal = policy.Assess(addressed.Client.Address, in server) switch
        {
            ConvertRefusal.None => AddressedRefusal.None,
            ConvertRefusal.InvalidDestination => AddressedRefusal.InvalidDestination,
            ConvertRefusal.ClientNotAllowed => AddressedRefusal.ClientNotAllowed,
            ConvertRefusal.Hairpin => AddressedRefusal.Hairpin,
            _ => AddressedRefusal.ServerNotAllowed,
        };
        if (refusal != AddressedRefusal.None)
            return refusal;
        if (server.Address.IsIpv4 != addressed.Server.Address.IsIpv4)
            return AddressedRefusal.OtherFamily;
        return isOwnAddress(server.Address) ? AddressedRefusal.OwnAddress : AddressedRefusal.None;
    }
}
