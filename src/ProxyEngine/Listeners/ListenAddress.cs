using Middlebox.Negotiation.Addresses;

namespace Middlebox.ProxyEngine.Listeners;

/// <summary>
/// The addresses that the transparent listeners are bound to. No interface has them, so a packet can reach a listener only
/// by the box's own rule: a wildcard or loopback address would offer every proxied port to strangers, or collide with
/// services that are bound there.
/// </summary>
public static class ListenAddress
{
    /// <summary>The IPv4 dummy address (RFC 7600 section 4.8), which never appears on a wire.</summary>
    public static HostAddress Ipv4 { get; } = HostAddress.Parse("192.0.0.8");

    /// <summary>An address of the discard-only prefix (RFC 6666).</summary>
    public static HostAddress Ipv6 { get; } = HostAddress.Parse("100::8684");
}
