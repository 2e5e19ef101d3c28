using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine;

/// <summary>Between the kernel's socket addresses and ours.</summary>
internal static class SocketAddresses
{
    public static HostEndpoint ToEndpoint(this sockaddr address) => new(
        address.sa_family == Libc.AF_INET
            ? HostAddress.FromIpv4(address.Address)
            : HostAddress.FromIpv6(address.Address),
        new PortNumber(address.Port));

    public static sockaddr ToSocketAddress(this in HostEndpoint endpoint)
    {
        Span<byte> bytes = stackalloc byte[HostAddress.Ipv6Length];
        return sockaddr.From(bytes[..endpoint.Address.WriteTo(bytes)], endpoint.Port.Value);
    }
}
