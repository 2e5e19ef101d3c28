using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Wire;

namespace Middlebox.ProxyEngine.Adoption;

/// <summary>
/// Takes over the client's end of a connection that the server has half opened: a TCP socket with the client's address and
/// port as the server sees them, its numbers and options, made with TCP_REPAIR (tcp(7), linux/tcp.h), and the ACK that completes the handshake.
/// </summary>
/// <remarks>
/// Until <see cref="Complete"/> the socket is in repair mode, so that disposing of it sends nothing. The kernel is told not
/// to probe the window when repair mode ends, because only a segment with the right timestamps completes the handshake;
/// that ACK is written here and sent raw, after the socket is ready for the answer.
/// </remarks>
internal sealed class ServerLeg : IDisposable
{
    private const int MaximumAckLength = 40 + 20 + TcpConstants.TimestampsLength + 2;

    private readonly Handshake _handshake;

    private ServerLeg(Handshake handshake, FileDescriptor socket)
    {
        _handshake = handshake;
        Socket = socket;
    }

    public FileDescriptor Socket { get; }

    private bool TimestampsAgreed =>
        _handshake.ClientOptions.HasTimestamps && _handshake.ServerOptions.HasTimestamps;

    /// <summary>RFC 7323 section 2.2: scaling is used only if both sides offered it.</summary>
    private bool ScalingAgreed =>
        _handshake.ClientOptions.WindowScale is not null && _handshake.ServerOptions.WindowScale is not null;

    /// <summary>
    /// Our clock goes on from the client's, so that the server never sees time go back (RFC 7323 section 5.3): from the SYN that
    /// the server answered, which may be a repetition of the one that is remembered. It is even, because the kernel takes the
    /// lowest bit for the wish to count in microseconds.
    /// </summary>
    private uint FirstTimestamp
    {
        get
        {
            var first = _handshake.ClientOptions.TimestampValue;
            var answered = _handshake.ServerOptions.TimestampEcho;
            var latest = unchecked((int)(answered - first)) > 0 ? answered : first;
            return unchecked(latest + 1) & ~1u;
        }
    }

    /// <summary>Makes the socket, still in repair mode.</summary>
    /// <param name="failedCall">The system call that failed, if one did.</param>
    public static Errno Restore(
        Handshake handshake, ProxyEngineOptions options, uint mark, out ServerLeg? leg, out string failedCall)
    {
        leg = null;
        failedCall = "socket";
        var isIpv4 = handshake.Flow.Client.Address.IsIpv4;
        var socket = Libc.socket(
            isIpv4 ? Libc.AF_INET : Libc.AF_INET6,
            Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC,
            Libc.IPPROTO_TCP);
        if (socket.IsInvalid)
            return Libc.LastError;

        var candidate = new ServerLeg(handshake, socket);
        var error = candidate.Restore(isIpv4, options, mark, out failedCall);
        if (error == Errno.None)
            leg = candidate;
        else
            candidate.Dispose();
        return error;
    }

    /// <summary>Leaves repair mode and completes the handshake with the server.</summary>
    public Errno Complete(RawPacketSocket raw)
    {
        var error = SetTcp(SocketOption.TCP_REPAIR, TcpRepair.TCP_REPAIR_OFF_NO_WP);
        if (error != Errno.None)
            return error;
        // A lost ACK is no failure: the server repeats its SYN/ACK, which the socket then answers.
        Span<byte> ack = stackalloc byte[MaximumAckLength];
        _ = raw.Send(ack[..WriteAck(ack)]);
        return Errno.None;
    }

    public void Dispose() => Socket.Dispose();

    private Errno Restore(bool isIpv4, ProxyEngineOptions options, uint mark, out string failedCall)
    {
        var error = Prepare(isIpv4, options, mark, out failedCall);
        if (error == Errno.None)
            error = SetNumbers(out failedCall);
        if (error == Errno.None)
            error = Connect(out failedCall);
        if (error == Errno.None)
            error = SetAgreedOptions(out failedCall);
        if (error == Errno.None)
            error = SetWindow(out failedCall);
        return error;
    }

    private Errno Prepare(bool isIpv4, ProxyEngineOptions options, uint mark, out string failedCall)
    {
        failedCall = "setsockopt IP_TRANSPARENT";
        var error = isIpv4
            ? SocketOption.Set(Socket, Libc.IPPROTO_IP, SocketOption.IP_TRANSPARENT, 1)
            : SocketOption.Set(Socket, Libc.IPPROTO_IPV6, SocketOption.IPV6_TRANSPARENT, 1);
        if (error != Errno.None)
            return error;

        failedCall = "setsockopt SO_MARK";
        error = SocketOption.Set(Socket, SocketOption.SOL_SOCKET, SocketOption.SO_MARK, (int)mark);
        if (error != Errno.None)
            return error;

        // The size of segments is worked out when the socket connects, before the options that were agreed on can be set.
        failedCall = "setsockopt TCP_MAXSEG";
        error = SetTcp(SocketOption.TCP_MAXSEG, ServerMss(isIpv4));
        if (error != Errno.None)
            return error;

        failedCall = "setsockopt TCP_REPAIR";
        error = SetTcp(SocketOption.TCP_REPAIR, TcpRepair.TCP_REPAIR_ON);
        if (error != Errno.None)
            return error;

        _ = SetTcp(SocketOption.TCP_NODELAY, 1);
        _ = SocketOption.Set(Socket, SocketOption.SOL_SOCKET, SocketOption.SO_KEEPALIVE, 1);
        _ = SetTcp(SocketOption.TCP_KEEPIDLE, (int)options.KeepAliveAfter.TotalSeconds);
        _ = SetTcp(SocketOption.TCP_KEEPINTVL, (int)options.KeepAliveInterval.TotalSeconds);
        _ = SetTcp(SocketOption.TCP_KEEPCNT, ProxyEngineOptions.KeepAliveProbes);
        return Errno.None;
    }

    /// <summary>What the server takes in a segment (RFC 9293 section 3.7.1), within what the kernel accepts.</summary>
    private int ServerMss(bool isIpv4)
    {
        const int Lowest = 88;
        const int Highest = 32_767;
        return Math.Clamp(_handshake.ServerOptions.Mss ?? (isIpv4 ? 536 : 1220), Lowest, Highest);
    }

    private Errno SetNumbers(out string failedCall)
    {
        failedCall = "setsockopt TCP_QUEUE_SEQ";
        var error = SetTcp(SocketOption.TCP_REPAIR_QUEUE, TcpRepair.TCP_SEND_QUEUE);
        if (error == Errno.None)
            error = SetTcp(SocketOption.TCP_QUEUE_SEQ, unchecked((int)(_handshake.ClientIsn + 1)));
        if (error == Errno.None)
            error = SetTcp(SocketOption.TCP_REPAIR_QUEUE, TcpRepair.TCP_RECV_QUEUE);
        if (error == Errno.None)
            error = SetTcp(SocketOption.TCP_QUEUE_SEQ, unchecked((int)(_handshake.ServerIsn + 1)));
        return error;
    }

    /// <summary>Local and immediate in repair mode; it also lets the socket share the port with others of the box.</summary>
    private Errno Connect(out string failedCall)
    {
        failedCall = "bind";
        var flow = _handshake.ServerFlow;
        var client = flow.Client.ToSocketAddress();
        if (Libc.bind(Socket, in client, client.Length) < 0)
            return Libc.LastError;
        failedCall = "connect";
        var server = flow.Server.ToSocketAddress();
        return Libc.connect(Socket, in server, server.Length) < 0 ? Libc.LastError : Errno.None;
    }

    private Errno SetAgreedOptions(out string failedCall)
    {
        failedCall = "setsockopt TCP_REPAIR_OPTIONS";
        var client = _handshake.ClientOptions;
        var server = _handshake.ServerOptions;
        Span<tcp_repair_opt> agreed = stackalloc tcp_repair_opt[4];
        var count = 0;
        if (server.Mss is { } mss)
            agreed[count++] = new tcp_repair_opt((uint)TcpOptionKind.MaximumSegmentSize, mss);
        // Without scaling both shifts must be set to 0, because the socket comes with a shift of its own.
        var serverShift = ScalingAgreed ? Math.Min(server.WindowScale!.Value, TcpConstants.MaximumWindowScale) : 0u;
        var clientShift = ScalingAgreed ? Math.Min(client.WindowScale!.Value, TcpConstants.MaximumWindowScale) : 0u;
        agreed[count++] = new tcp_repair_opt((uint)TcpOptionKind.WindowScale, serverShift | (clientShift << 16));
        if (client.SackPermitted && server.SackPermitted)
            agreed[count++] = new tcp_repair_opt((uint)TcpOptionKind.SackPermitted, 0);
        if (TimestampsAgreed)
            agreed[count++] = new tcp_repair_opt((uint)TcpOptionKind.Timestamps, 0);

        var error = SocketOption.Set(
            Socket, Libc.IPPROTO_TCP, SocketOption.TCP_REPAIR_OPTIONS, MemoryMarshal.AsBytes(agreed[..count]));
        if (error != Errno.None || !TimestampsAgreed)
            return error;

        failedCall = "setsockopt TCP_TIMESTAMP";
        return SetTcp(SocketOption.TCP_TIMESTAMP, unchecked((int)FirstTimestamp));
    }

    private Errno SetWindow(out string failedCall)
    {
        failedCall = "getsockopt TCP_REPAIR_WINDOW";
        var error = SocketOption.Get(Socket, Libc.IPPROTO_TCP, SocketOption.TCP_REPAIR_WINDOW, out tcp_repair_window window);
        if (error != Errno.None)
            return error;
        window.snd_wl1 = _handshake.ServerIsn;
        window.snd_wnd = _handshake.ServerWindow;
        window.max_window = _handshake.ServerWindow;
        window.rcv_wup = unchecked(_handshake.ServerIsn + 1);
        // The server may already use what the client's SYN offered.
        window.rcv_wnd = Math.Max(window.rcv_wnd, _handshake.ClientWindow);
        failedCall = "setsockopt TCP_REPAIR_WINDOW";
        return SocketOption.Set(Socket, Libc.IPPROTO_TCP, SocketOption.TCP_REPAIR_WINDOW, in window);
    }

    private int WriteAck(Span<byte> packet)
    {
        Span<byte> options = stackalloc byte[TcpConstants.TimestampsLength + 2];
        if (TimestampsAgreed)
        {
            options[0] = options[1] = (byte)TcpOptionKind.NoOperation;
            options[2] = (byte)TcpOptionKind.Timestamps;
            options[3] = TcpConstants.TimestampsLength;
            BinaryPrimitives.WriteUInt32BigEndian(options[4..], FirstTimestamp);
            BinaryPrimitives.WriteUInt32BigEndian(options[8..], _handshake.ServerOptions.TimestampValue);
        }

        var shift = ScalingAgreed ? _handshake.ClientOptions.WindowScale!.Value : 0;
        var fields = new TcpSegmentFields
        {
            Source = _handshake.ServerFlow.Client,
            Destination = _handshake.ServerFlow.Server,
            Sequence = unchecked(_handshake.ClientIsn + 1),
            Acknowledgment = unchecked(_handshake.ServerIsn + 1),
            Flags = TcpFlags.Ack,
            Window = (ushort)Math.Max(1, _handshake.ClientWindow >> shift),
        };
        return TcpSegmentWriter.Write(packet, in fields, TimestampsAgreed ? options : [], []);
    }

    private Errno SetTcp(int name, int value) => SocketOption.Set(Socket, Libc.IPPROTO_TCP, name, value);
}
