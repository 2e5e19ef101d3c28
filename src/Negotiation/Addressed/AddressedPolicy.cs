using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;

namespace Middlebox.Negotiation.Addressed;

/// <summary>Whom the box relays that name their servers in the SYN, and to where.</summary>
/// <param name="policy">Clients, servers and ports; the same rules as for those who name their servers in the first bytes.</param>
/// <param name="isOwnAddress">Whether an address is the box's own.</param>
public sealed class AddressedPolicy(ConverterPolicy policy, Func<HostAddress, bool> isOwnAddress)
{
    private volatile TagPolicy _tags = TagPolicy.None;

    /// <summary>What is asked of tags. Any thread may change it.</summary>
    public TagPolicy Tags
    {
        get => _tags;
        set => _tags = value;
    }

    /// <param name="addressed">The client, and the address and port of the box that it has sent its SYN to.</param>
    /// <param name="isn">The SYN's initial sequence number.</param>
    /// <param name="destination">The server that it names.</param>
    /// <returns><see cref="Reason.None"/> if it is to be relayed.</returns>
    public Reason Assess(in FlowKey addressed, uint isn, in DestinationOption destination)
    {
        var refusal = AssessServer(in addressed, destination.Server);
        // Last, because it is what costs most.
        return refusal == Reason.None ? _tags.Assess(in destination, in addressed, isn) : refusal;
    }

    /// <summary>The same without a look at tags.</summary>
    public Reason AssessServer(in FlowKey addressed, in HostEndpoint server)
    {
        var refusal = policy.Assess(addressed.Client.Address, in server) switch
        {
            ConvertRefusal.None => Reason.None,
            ConvertRefusal.InvalidDestination => Reason.InvalidDestination,
            ConvertRefusal.ClientNotAllowed => Reason.ClientNotAllowed,
            ConvertRefusal.Hairpin => Reason.Hairpin,
            _ => Reason.ServerNotAllowed,
        };
        if (refusal != Reason.None)
            return refusal;
        if (server.Address.IsIpv4 != addressed.Server.Address.IsIpv4)
            return Reason.OtherFamily;
        return isOwnAddress(server.Address) ? Reason.OwnAddress : Reason.None;
    }
}
