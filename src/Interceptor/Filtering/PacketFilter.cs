namespace Middlebox.Interceptor.Filtering;

/// <summary>Looks at one packet and may change it. Called by the queue's thread.</summary>
/// <param name="buffer">The packet from its IP header on, and room to grow.</param>
/// <param name="length">Octets of the packet.</param>
/// <returns>Octets of the packet now; 0 drops it.</returns>
public delegate int PacketFilter(Span<byte> buffer, int length);
