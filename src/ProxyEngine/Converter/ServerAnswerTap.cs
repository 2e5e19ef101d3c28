using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>
/// Sees the SYN/ACKs and ICMP errors that arrive at this host, because the client is to be told the options of the one and the code of the other, which no
/// socket keeps (RFC 8803 sections 6.2.6 and 6.2.8). The kernel hands copies to it before its TCP sees them: when a socket is connected, the answer is here.
/// Owned by the converter's thread.
/// </summary>
internal sealed class ServerAnswerTap : IDisposable
{
    private const int LongestPacket = 2048;
    private const int ReceiveBufferBytes = 4 << 20;

    private readonly PacketTapSocket[] _sockets;
    private readonly byte[] _packet = new byte[LongestPacket];

    /// <exception cref="ErrnoException">EPERM: not privileged (CAP_NET_RAW).</exception>
    public ServerAnswerTap()
    {
        _sockets =
        [
            new PacketTapSocket(ServerAnswerFilter.Ipv4, PacketTapSocket.ETH_P_IP),
            new PacketTapSocket(ServerAnswerFilter.Ipv6, PacketTapSocket.ETH_P_IPV6),
        ];
        foreach (var socket in Descriptors)
            _ = SocketOption.Set(socket, SocketOption.SOL_SOCKET, SocketOption.SO_RCVBUFFORCE, ReceiveBufferBytes);
    }

    /// <summary>Readable when something has been seen.</summary>
    public IEnumerable<FileDescriptor> Descriptors => _sockets.Select(socket => socket.Descriptor);

    /// <summary>Notes on the attempts what has been seen of them.</summary>
    public void Drain(Dictionary<FlowKey, Conversion> attempts)
    {
        foreach (var socket in _sockets)
        {
            while (socket.Receive(_packet, TimeSpan.Zero) is > 0 and var length)
            {
                if (!ServerAnswer.TryRead(_packet.AsSpan(0, length), out var answer)
                    || !attempts.TryGetValue(answer.Attempt, out var conversion))
                    continue;
                conversion.UnreachableCode = answer.UnreachableCode;
                if (answer.UnreachableCode is null)
                    conversion.ServerOptions = answer.Options.ToArray();
            }
        }
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
    }
}
