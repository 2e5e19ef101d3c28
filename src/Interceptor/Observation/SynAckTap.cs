using Middlebox.Native;

namespace Middlebox.Interceptor.Observation;

/// <summary>Watches the SYN/ACKs that arrive at this host, without touching them. Used by one thread.</summary>
public sealed class SynAckTap : IDisposable
{
    // More than any IP and TCP header with all options.
    private const int PacketCapacity = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private readonly PacketTapSocket _socket = new(SynAckFilter.Program);
    private readonly byte[] _packet = new byte[PacketCapacity];

    /// <summary>The next SYN/ACK from its IP header on, valid until the next call; empty if none has come for a fifth of a second.</summary>
    /// <exception cref="ErrnoException">The socket failed.</exception>
    public ReadOnlySpan<byte> Next() => _packet.AsSpan(0, _socket.Receive(_packet, Patience));

    public void Dispose() => _socket.Dispose();
}
