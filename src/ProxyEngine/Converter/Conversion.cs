using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.ProxyEngine.Paths;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>One connection of a client to the converter, until it is relayed or refused. Owned by the converter's thread.</summary>
/// <param name="number">By which the kernel reports it.</param>
/// <param name="socket">The client's connection.</param>
/// <param name="client">Its address and port.</param>
/// <param name="account">What else that client has.</param>
/// <param name="begun">Time stamp of the clock.</param>
internal sealed class Conversion(uint number, FileDescriptor socket, HostEndpoint client, ConverterClient account, long begun)
{
    private readonly ConvertMessageReceiver _message = new(socket);

    public uint Number => number;

    public FileDescriptor Socket => socket;

    public HostEndpoint Client => client;

    public ConverterClient Account => account;

    public long Begun => begun;

    public ConversionState State { get; set; } = ConversionState.Reading;

    /// <summary>When the state is given up, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long Deadline { get; set; }

    public HostEndpoint Server { get; set; }

    public bool AsksForExtensions { get; set; }

    /// <summary>The connection to the server; null before it is dialled.</summary>
    public FileDescriptor? Downstream { get; set; }

    /// <summary>The same as the server sees it.</summary>
    public FlowKey Attempt { get; set; }

    /// <summary>TCP options of the server's SYN/ACK, if it was seen.</summary>
    public byte[]? ServerOptions { get; set; }

    /// <summary>Code of the ICMP error about the attempt, if there was one.</summary>
    public byte? UnreachableCode { get; set; }

    /// <summary>What is to be said when the client's handshake is complete.</summary>
    public byte[] Answer { get; set; } = [];

    /// <summary>Whether the relay takes over after that; else the connection is closed.</summary>
    public bool IsToBeRelayed { get; set; }

    /// <summary>Since when that waits, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long Postponed { get; set; }

    /// <summary>When to look whether it is complete, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long NextLook { get; set; }

    /// <summary>Bytes from the client's SYN that the server has been given already.</summary>
    public int EarlyBytes { get; private set; }

    /// <summary>
    /// Whether what is written reaches the client. What is written to an MPTCP connection that was opened by the data of a SYN, before the handshake is
    /// complete, stays in the kernel until something else is written (Linux 6.18); TCP sends it.
    /// </summary>
    public bool CanBeAnswered =>
        !MptcpSocket.IsMptcp(socket)
        || SocketOption.Get(socket, Libc.IPPROTO_TCP, SocketOption.TCP_INFO, out tcp_info info) != Errno.None
        || info.tcpi_state != tcp_info.TCP_SYN_RECV;

    /// <summary>What has been received: the fixed header, then the whole message.</summary>
    public ReadOnlySpan<byte> Message => _message.Octets;

    /// <summary>Receives what is there of the message. <see cref="ConvertMessageReceiver.TryReceive"/>.</summary>
    public bool TryReceive(out ConvertRefusal refusal) => _message.TryReceive(out refusal);

    /// <summary>Sends a message, for which a connection that has said nothing yet has room.</summary>
    /// <returns>False if the client has gone.</returns>
    public bool Send(ReadOnlySpan<byte> message) =>
        Libc.send(socket, in message[0], message.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL) == message.Length;

    /// <summary>Receives what the client goes on to say, to nobody.</summary>
    /// <param name="buffer">Room for it.</param>
    /// <returns>False if the client has ended its direction, or gone.</returns>
    public bool Discard(Span<byte> buffer)
    {
        const int Most = 64;
        for (var i = 0; i < Most; i++)
        {
            var count = Libc.recv(socket, ref buffer[0], buffer.Length, Libc.MSG_DONTWAIT);
            if (count <= 0)
                return count < 0 && Libc.LastError == Errno.EAGAIN;
        }

        // A client that goes on talking is not heard any more; its time runs out.
        return true;
    }

    /// <summary>Gives the server what the client's SYN held for it. There is not more before the handshake is complete, so a new connection has room for it.</summary>
    /// <param name="buffer">Room for the data of a SYN.</param>
    /// <returns>False if the server has gone.</returns>
    public bool TryForwardEarlyData(Span<byte> buffer)
    {
        var count = Libc.recv(socket, ref buffer[0], buffer.Length, Libc.MSG_DONTWAIT);
        if (count <= 0)
            return true;
        EarlyBytes = (int)count;
        return Libc.send(Downstream!, in buffer[0], (int)count, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL) == count;
    }
}
