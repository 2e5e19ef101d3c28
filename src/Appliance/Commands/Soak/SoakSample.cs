namespace Middlebox.Appliance.Commands.Soak;

/// <summary>What was there at one moment. While no daemon serves, what it would say is null.</summary>
/// <param name="Second">Since the load began.</param>
/// <param name="Bytes">Bytes that have come so far, in both directions.</param>
/// <param name="Contexts">Connections being set up.</param>
/// <param name="Flows">Connections relayed.</param>
/// <param name="Descriptors">Open files of the daemon.</param>
/// <param name="MemoryBytes">Anonymous memory of keeper and daemon.</param>
/// <param name="Sockets">TCP sockets in the box's network namespace, of both families and all states but TIME-WAIT.</param>
internal sealed record SoakSample(double Second, long Bytes, long? Contexts, long? Flows, int? Descriptors, long? MemoryBytes, long? Sockets);
