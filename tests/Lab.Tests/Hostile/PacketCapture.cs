using System.Net.Sockets;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.Hostile;

/// <summary>Sees the IP packets that arrive at a host and leave it, from the moment it is made (packet(7)).</summary>
public sealed class PacketCapture : IDisposable
{
    // ETH_P_ALL in network byte order.
    private const ProtocolType AllProtocols = (ProtocolType)0x0300;
    private const int MaximumPacketLength = 65_536;

    private readonly Socket _socket;

    public PacketCapture(LabHost host) => _socket = host.InNamespace(
        () => new Socket(AddressFamily.Packet, SocketType.Dgram, AllProtocols));

    /// <summary>Waits for a TCP packet that comes from this port, and returns it from its IP header on.</summary>
    public Task<byte[]> ReceiveAsync(int sourcePort, CancellationToken cancellation) =>
        ReceiveAsync(packet => SourcePort(packet) == sourcePort, cancellation);

    /// <summary>Waits for a packet of which this is true, and returns it from its IP header on.</summary>
    public async Task<byte[]> ReceiveAsync(Func<byte[], bool> isWanted, CancellationToken cancellation)
    {
        var buffer = new byte[MaximumPacketLength];
        while (true)
        {
            var length = await _socket.ReceiveAsync(buffer, cancellation);
            var packet = buffer[..length];
            if (isWanted(packet))
                return packet;
        }
    }

    public void Dispose() => _socket.Dispose();

    // Not by the project's own codec, which may refuse what these packets are.
    private static int SourcePort(ReadOnlySpan<byte> packet)
    {
        var tcp = packet[0] >> 4 == (int)IpProtocolVersion.V4 ? (packet[0] & 0x0F) * sizeof(uint) : IpConstants.Ipv6HeaderLength;
        return packet.Length < tcp + sizeof(ushort) ? 0 : (packet[tcp] << 8) | packet[tcp + 1];
    }
}
