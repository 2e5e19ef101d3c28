using System.Net;

namespace Middlebox.Lab.Topologies;

/// <summary>An MPTCP endpoint of a host.</summary>
/// <param name="Address">An address of the host.</param>
/// <param name="Device">The device that has it.</param>
/// <param name="Flags">What the path manager does with it.</param>
public sealed record MptcpEndpoint(IPAddress Address, string Device, MptcpEndpointFlags Flags);
