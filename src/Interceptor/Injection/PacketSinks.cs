namespace Middlebox.Interceptor.Injection;

/// <summary>The ways a packet can leave the interceptor by itself.</summary>
/// <param name="Kernel">Into the box's own kernel, as if it had just arrived.</param>
/// <param name="Network">On its way, as if it had been forwarded.</param>
/// <param name="ServerLeg">To a server in the client's name, marked like the relay's own segments.</param>
public sealed record PacketSinks(IPacketSink Kernel, IPacketSink Network, IPacketSink ServerLeg);
