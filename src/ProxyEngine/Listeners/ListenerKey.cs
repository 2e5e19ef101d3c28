using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Listeners;

/// <summary>What tells listeners apart: the address family and the port.</summary>
internal readonly record struct ListenerKey(bool IsIpv4, PortNumber Port)
{
    public static ListenerKey For(in HostEndpoint server) => new(server.Address.IsIpv4, server.Port);

    /// <summary>The key as a number of 17 bits, for epoll.</summary>
    public uint Number => (IsIpv4 ? 0u : 0x1_0000u) | Port.Value;

    public static ListenerKey FromNumber(uint number) => new((number & 0x1_0000) == 0, new PortNumber((ushort)number));

    public override string ToString() => $"port {Port.Value} ({(IsIpv4 ? "IPv4" : "IPv6")})";
}
