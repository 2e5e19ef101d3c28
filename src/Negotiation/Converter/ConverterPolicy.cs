using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Policy;

namespace Middlebox.Negotiation.Converter;

/// <summary>Whom a converter serves, and to where: what is not allowed is refused, and some addresses whatever is allowed.</summary>
/// <param name="clients">Prefixes of the clients; none serves nobody.</param>
/// <param name="servers">Prefixes of the servers.</param>
/// <param name="ports">Ports of the servers.</param>
/// <param name="hairpinning">Whether a client may be a server too (RFC 8803 section 9.2).</param>
public sealed class ConverterPolicy(
    IReadOnlyList<AddressPrefix> clients, IReadOnlyList<AddressPrefix> servers, PortSet ports, bool hairpinning)
{
    // A Connect TLV must not name them (RFC 8803 section 6.2.5, RFC 6890), or could not mean them. The IPv4-compatible addresses are deprecated, and hold
    // the unspecified and the loopback one (RFC 4291 section 2.5); the translated ones would reach a loopback or multicast address behind a NAT64 (RFC 6052).
    private static readonly AddressPrefix[] Invalid =
    [
        AddressPrefix.Parse("0.0.0.0/8"),
        AddressPrefix.Parse("127.0.0.0/8"),
        AddressPrefix.Parse("224.0.0.0/4"),
        AddressPrefix.Parse("255.255.255.255/32"),
        AddressPrefix.Parse("::/96"),
        AddressPrefix.Parse("ff00::/8"),
        AddressPrefix.Parse("64:ff9b::/104"),
        AddressPrefix.Parse("64:ff9b::7f00:0/104"),
        AddressPrefix.Parse("64:ff9b::e000:0/100"),
        AddressPrefix.Parse("64:ff9b::ffff:ffff/128"),
    ];

    // They mean something else on the box's links than on the client's (RFC 3927, RFC 4291 section 2.5.6).
    private static readonly AddressPrefix[] LinkLocal = [AddressPrefix.Parse("169.254.0.0/16"), AddressPrefix.Parse("fe80::/10")];

    public bool Serves(HostAddress client) => Holds(clients, client);

    /// <summary>Whether a client may be connected to a server. That the server is not the box itself is left to the caller, who can look.</summary>
    public ConvertRefusal Assess(HostAddress client, in HostEndpoint server)
    {
        if (server.Port.Value == 0 || Holds(Invalid, server.Address))
            return ConvertRefusal.InvalidDestination;
        if (!Serves(client))
            return ConvertRefusal.ClientNotAllowed;
        if (Holds(LinkLocal, server.Address) || !Holds(servers, server.Address) || !ports.Contains(server.Port))
            return ConvertRefusal.ServerNotAllowed;
        return !hairpinning && Serves(server.Address) ? ConvertRefusal.Hairpin : ConvertRefusal.None;
    }

    private static bool Holds(IReadOnlyList<AddressPrefix> prefixes, HostAddress address)
    {
        for (var i = 0; i < prefixes.Count; i++)
        {
            if (prefixes[i].Contains(address))
                return true;
        }

        return false;
    }
}
