using Middlebox.Negotiation.Addresses;

namespace Middlebox.Appliance.Dashboard;

/// <summary>
/// Names of paths. The box sees of a path where it begins: a path is the network of the client's address, /24 or /64, because an access
/// gives its clients addresses of one block, and another access those of another.
/// </summary>
internal static class PathName
{
    private const int Ipv4NetworkBytes = 3;
    private const int Ipv6NetworkBytes = 8;

    public static string Of(HostAddress client)
    {
        Span<byte> bytes = stackalloc byte[HostAddress.Ipv6Length];
        var address = bytes[..client.WriteTo(bytes)];
        var kept = client.IsIpv4 ? Ipv4NetworkBytes : Ipv6NetworkBytes;
        address[kept..].Clear();
        var network = client.IsIpv4 ? HostAddress.FromIpv4(address) : HostAddress.FromIpv6(address);
        return $"{network}/{kept * 8}";
    }
}
