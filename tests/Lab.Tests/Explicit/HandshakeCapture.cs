using System.Net.Sockets;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>Sees the SYNs and SYN/ACKs that arrive at a host, from the moment it is made (packet(7)).</summary>
public sealed class HandshakeCapture : IDisposable
{
    // ETH_P_ALL in network byte order.
    private const ProtocolType AllProtocols = (ProtocolType)0x0300;
    private const int MaximumPacketLength = 65_536;

    private readonly Socket _socket;

    public HandshakeCapture(LabHost host) => _socket = host.InNamespace(
        () => new Socket(AddressFamily.Packet, SocketType.Dgram, AllProtocols));

    /// <summary>Waits for the SYN from this port.</summary>
    public Task<HandshakeSegment> SynAsync(int clientPort, CancellationToken cancellation) =>
        FindAsync(TcpFlags.Syn, clientPort, cancellation);

    /// <summary>Waits for the SYN/ACK to this port.</summary>
    public Task<HandshakeSegment> SynAckAsync(int clientPort, CancellationToken cancellation) =>
        FindAsync(TcpFlags.SynAck, clientPort, cancellation);

    public void Dispose() => _socket.Dispose();

    private async Task<HandshakeSegment> FindAsync(TcpFlags flags, int clientPort, CancellationToken cancellation)
    {
        var buffer = new byte[MaximumPacketLength];
        while (true)
        {
            var length = await _socket.ReceiveAsync(buffer, cancellation);
            if (HandshakeSegment.TryRead(buffer.AsSpan(0, length), flags) is { } segment && segment.ClientPort == clientPort)
                return segment;
        }
    }
}
