namespace Middlebox.Negotiation.Addressed;

/// <summary>A sentence for each <see cref="AddressedRefusal"/>.</summary>
public static class AddressedRefusalText
{
    public static string Describe(AddressedRefusal refusal) => refusal switch
    {
        AddressedRefusal.None => "relayed",
        AddressedRefusal.ClientNotAllowed => "the client is in none of the prefixes of Addressed:Clients",
        AddressedRefusal.ServerNotAllowed => "the server or its port is not allowed, or the address means something else on the box's links",
        AddressedRefusal.InvalidDestination => "the address is none of a server: loopback, multicast, broadcast or unspecified, or the port is 0",
        AddressedRefusal.OwnAddress => "the server would be the box itself",
        AddressedRefusal.Hairpin => "the server is one of the clients, and hairpinning is off",
        AddressedRefusal.OtherFamily => "client and server are of two address families, between which nothing is translated",
        AddressedRefusal.Authenticated => "the packet is authenticated (RFC 4302), so nothing in it may be changed",
        AddressedRefusal.NotTracked => "the kernel's connection tracking did not take the translation: it is full, or an earlier connection with these ports lives",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "no such refusal"),
    };
}
