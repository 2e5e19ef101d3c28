using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine.Relay;
using Middlebox.ProxyEngine.Survival;

namespace Middlebox.ProxyEngine.Tests.Relay;

/// <summary>
/// A flow between two real TCP connections over loopback, driven as a relay thread drives it, by edge-triggered epoll, on
/// a thread of its own. The peers' ends are blocking sockets of the test.
/// </summary>
internal sealed class RelayBench : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly RelayJournal _journal;
    private readonly FileDescriptor _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
    private readonly Task<FlowEnd> _running;
    private volatile bool _stop;

    public RelayBench(int bufferLength = 65536, int socketBufferLength = 0, long drainMilliseconds = 10_000)
    {
        var survival = new FlowSurvival(keeper: null, maxFlows: 1, NullLogger<FlowSurvival>.Instance);
        _journal = new RelayJournal(survival.Ledger, thread: 0, bufferLength);
        (var client, Client) = Connect(socketBufferLength);
        (var server, Server) = Connect(socketBufferLength);
        var identity = FlowIdentity.Of(Handshakes.Create(), isMptcp: false, token: null, DateTimeOffset.UnixEpoch);
        var (clientLeg, serverLeg) = (new Leg(client), new Leg(server));
        survival.TryBegin(identity, clientLeg, serverLeg, out var record);
        Flow = new Flow(identity, clientLeg, serverLeg, survival, record, drainMilliseconds);
        Flow.ResetOnClose();
        Register(client, 0);
        Register(server, 1);
        _running = Task.Factory.StartNew(Run, TaskCreationOptions.LongRunning);
    }

    public Flow Flow { get; }

    /// <summary>The client itself, at the other end of the flow's client leg.</summary>
    public Socket Client { get; }

    public Socket Server { get; }

    /// <summary>How the flow ended; waits for it.</summary>
    public FlowEnd End => _running.Wait(Patience)
        ? _running.Result
        : throw new TimeoutException($"The flow goes on: {Flow.BytesUp} bytes up, {Flow.BytesDown} down.");

    /// <summary>Ends the flow as a box does that shuts down.</summary>
    public void Stop() => _stop = true;

    /// <summary>A connected pair: the box's end and the peer's.</summary>
    public static (FileDescriptor Leg, Socket Peer) Connect(int socketBufferLength = 0)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (socketBufferLength > 0)
            listener.ReceiveBufferSize = listener.SendBufferSize = socketBufferLength;
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var leg = Libc.socket(Libc.AF_INET, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, Libc.IPPROTO_TCP);
        var address = HostEndpoint.Parse(listener.LocalEndPoint!.ToString()!).ToSocketAddress();
        if (Libc.connect(leg, in address, address.Length) < 0)
            throw ErrnoException.Last("connect");
        var peer = listener.Accept();
        peer.NoDelay = true;
        peer.ReceiveTimeout = peer.SendTimeout = (int)Patience.TotalMilliseconds;
        return (leg, peer);
    }

    /// <summary>Closes a peer's end with a RST.</summary>
    public static void Reset(Socket peer)
    {
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
    }

    /// <summary>Reads exactly so many bytes.</summary>
    public static byte[] Receive(Socket peer, int count)
    {
        var bytes = new byte[count];
        for (var length = 0; length < count;)
        {
            var received = peer.Receive(bytes.AsSpan(length));
            if (received == 0)
                throw new EndOfStreamException($"ended after {length} of {count} bytes");
            length += received;
        }

        return bytes;
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        Stop();
        _running.Wait(Patience);
        _epoll.Dispose();
    }

    private FlowEnd Run()
    {
        var events = new epoll_event[2];
        while (true)
        {
            var end = Flow.Run(_journal, out var hasMore);
            var count = end == FlowEnd.None ? Libc.epoll_wait(_epoll, ref events[0], 2, hasMore ? 0 : 10) : 0;
            for (var i = 0; i < count && end == FlowEnd.None; i++)
            {
                (events[i].data == 0 ? Flow.Client : Flow.Server).Note(events[i].events);
                if ((events[i].events & (Libc.EPOLLERR | Libc.EPOLLHUP)) != 0)
                    end = Flow.CheckErrors();
            }

            if (end == FlowEnd.None && _stop)
                end = FlowEnd.Stopped;
            if (end != FlowEnd.None)
            {
                Flow.Close(end);
                return end;
            }
        }
    }

    private void Register(FileDescriptor socket, ulong data)
    {
        var interest = new epoll_event
        {
            events = Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLRDHUP | Libc.EPOLLET,
            data = data,
        };
        if (Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, socket, ref interest) < 0)
            throw ErrnoException.Last("epoll_ctl");
    }
}
