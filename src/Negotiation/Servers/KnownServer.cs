using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Servers;

/// <summary>One entry of <see cref="ServerCapabilities"/>.</summary>
/// <param name="Server">Address and port.</param>
/// <param name="Capability">What was learnt of it.</param>
/// <param name="Age">How long ago.</param>
/// <param name="Remaining">How long it counts from now on.</param>
public sealed record KnownServer(HostEndpoint Server, ServerCapability Capability, TimeSpan Age, TimeSpan Remaining);
