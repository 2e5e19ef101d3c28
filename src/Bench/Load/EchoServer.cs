using Middlebox.Lab;
using Middlebox.Native;

namespace Middlebox.Bench.Load;

/// <summary>
/// Sends every byte back and closes when the client does. One thread with epoll(7) serves all connections; it owns them and the tally, which
/// others may read. Allocates one handle a connection.
/// </summary>
internal sealed class EchoServer : IDisposable
{
    private const int Backlog = 4096;
    private const int EventsAtATime = 256;
    private const int BufferBytes = 4096;
    private const ulong ListenerEvent = ulong.MaxValue;
    private const ulong StopEvent = ulong.MaxValue - 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FileDescriptor _listener;
    private readonly FileDescriptor _epoll;
    private readonly EventDescriptor _stop = new();
    private readonly Thread _thread;
    private readonly Lock _tallyLock = new();
    private readonly byte[] _buffer = new byte[BufferBytes];
    private FileDescriptor?[] _connections = new FileDescriptor?[1024];
    private PeerTally _tally;
    private int _open;

    /// <param name="host">The host of a lab to serve in.</param>
    /// <param name="mptcp">Whether to listen on an MPTCP socket.</param>
    /// <param name="port">On all IPv4 addresses.</param>
    /// <exception cref="ErrnoException">The port is taken, or the kernel has no MPTCP.</exception>
    public EchoServer(LabHost host, bool mptcp, int port)
    {
        _listener = host.InNamespace(() => Listen(mptcp, port));
        _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        Watch(_listener, Libc.EPOLLIN, ListenerEvent);
        Watch(_stop.Descriptor, Libc.EPOLLIN, StopEvent);
        _thread = new Thread(Serve) { IsBackground = true, Name = $"echo {host.Name}" };
        _thread.Start();
    }

    /// <summary>The clients accepted until now.</summary>
    public PeerTally Tally
    {
        get
        {
            lock (_tallyLock)
                return _tally;
        }
    }

    /// <summary>The clients accepted since an earlier reading, once they are as many as expected or it is clear that they do not come.</summary>
    public async Task<PeerTally> SinceAsync(PeerTally before, long expected, CancellationToken cancellation)
    {
        try
        {
            await Condition.WaitAsync(() => (Tally - before).Count >= expected, Patience, "the server has seen all clients", cancellation);
        }
        catch (TimeoutException)
        {
            // The proof of the run compares both sides and tells the difference.
        }

        return Tally - before;
    }

    /// <summary>Waits until all clients have closed, so that the end of one load is no part of the next.</summary>
    /// <exception cref="TimeoutException">Some stay.</exception>
    public Task WhenAllClosedAsync(CancellationToken cancellation) =>
        Condition.WaitAsync(() => Volatile.Read(ref _open) == 0, Patience, "all connections to the echo server are closed", cancellation);

    public void Dispose()
    {
        _stop.Signal();
        _thread.Join();
        foreach (var connection in _connections)
            connection?.Dispose();
        _stop.Dispose();
        _listener.Dispose();
        _epoll.Dispose();
    }

    private static FileDescriptor Listen(bool mptcp, int port)
    {
        var protocol = mptcp ? Libc.IPPROTO_MPTCP : Libc.IPPROTO_TCP;
        var socket = Libc.socket(Libc.AF_INET, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, protocol);
        if (socket.IsInvalid)
            throw ErrnoException.Last(nameof(Libc.socket), mptcp ? "MPTCP" : "TCP");
        SocketOption.Set(socket, SocketOption.SOL_SOCKET, SocketOption.SO_REUSEADDR, 1);
        var address = sockaddr.From([0, 0, 0, 0], (ushort)port);
        if (Libc.bind(socket, in address, address.Length) != 0 || Libc.listen(socket, Backlog) != 0)
            throw ErrnoException.Last(nameof(Libc.bind), $"port {port}");
        return socket;
    }

    private void Serve()
    {
        var events = new epoll_event[EventsAtATime];
        while (true)
        {
            var count = Libc.epoll_wait(_epoll, ref events[0], events.Length, Timeout.Infinite);
            for (var i = 0; i < count; i++)
            {
                if (events[i].data == StopEvent)
                    return;
                if (events[i].data == ListenerEvent)
                    AcceptAll();
                else
                    Echo((int)events[i].data);
            }
        }
    }

    private void AcceptAll()
    {
        while (true)
        {
            var peer = default(sockaddr);
            var length = sockaddr.MaximumLength;
            var connection = Libc.accept4(_listener, ref peer, ref length, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            if (connection.IsInvalid)
            {
                connection.Dispose();
                return;
            }

            SocketOption.Set(connection, Libc.IPPROTO_TCP, SocketOption.TCP_NODELAY, 1);
            lock (_tallyLock)
                _tally = _tally.With(ref peer);
            if (connection.Number >= _connections.Length)
                Array.Resize(ref _connections, Math.Max(_connections.Length * 2, connection.Number + 1));
            _connections[connection.Number] = connection;
            Volatile.Write(ref _open, _open + 1);
            Watch(connection, Libc.EPOLLIN, (ulong)connection.Number);
        }
    }

    private void Echo(int number)
    {
        var connection = _connections[number]!;
        var received = Libc.recv(connection, ref _buffer[0], _buffer.Length, 0);
        if (received > 0)
        {
            _ = Libc.send(connection, in _buffer[0], received, Libc.MSG_NOSIGNAL);
        }
        else if (received == 0 || Libc.LastError != Errno.EAGAIN)
        {
            _connections[number] = null;
            Forget(connection);
            connection.Dispose();
            Volatile.Write(ref _open, _open - 1);
        }
    }

    // close(2) does not do it while a process that is just being started holds a copy of the descriptor: events would go on to come.
    private void Forget(FileDescriptor descriptor)
    {
        var none = default(epoll_event);
        _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, descriptor, ref none);
    }

    private void Watch(FileDescriptor descriptor, uint events, ulong data)
    {
        var @event = new epoll_event { events = events, data = data };
        if (Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, descriptor, ref @event) != 0)
            throw ErrnoException.Last(nameof(Libc.epoll_ctl));
    }
}
