using System.Net;

namespace Middlebox.Lab.Topologies;

/// <summary>A route of a host.</summary>
/// <param name="Destination">The network; the unspecified address with length 0 is the default route.</param>
/// <param name="Via">The next hop, in a network that the host is attached to.</param>
/// <param name="Device">The device to leave by; null lets the kernel find it from the next hop.</param>
/// <param name="Table">The routing table; null for the main one.</param>
public sealed record StaticRoute(InterfaceAddress Destination, IPAddress Via, string? Device, int? Table);
