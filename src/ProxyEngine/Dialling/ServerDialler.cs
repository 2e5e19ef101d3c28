using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.ProxyEngine.Paths;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine.Dialling;

/// <summary>
/// Connects to servers by MPTCP in the place of clients that do not speak it: any thread begins a dial, one thread waits for all of them.
/// A dial is in the table of the handshakes until <see cref="Take"/> or <see cref="Abandon"/>, and in that of the numbers
/// until its outcome is known; whoever removes it from a table owns that step.
/// </summary>
internal sealed class ServerDialler : IDisposable
{
    private const int EventCapacity = 64;
    private const ulong StopNumber = 0;

    private readonly LegSettings _settings;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<Handshake, Dial> _dials = new();
    private readonly ConcurrentDictionary<ulong, Dial> _connecting = new();
    private readonly FileDescriptor _epoll;
    private readonly EventDescriptor _stop = new();
    private readonly Thread _thread;
    private ulong _lastNumber = StopNumber;

    /// <exception cref="ErrnoException">No descriptor could be had.</exception>
    public ServerDialler(LegSettings settings, ILogger logger)
    {
        _settings = settings;
        _logger = logger;
        _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        if (_epoll.IsInvalid)
            throw ErrnoException.Last("epoll_create1");
        if (!TryWatch(_stop.Descriptor, Libc.EPOLLIN, StopNumber))
            throw ErrnoException.Last("epoll_ctl");
        _thread = new Thread(Run) { Name = "dials", IsBackground = true };
    }

    public void Start() => _thread.Start();

    /// <summary>Begins to connect; false if it cannot be done with the client's address and port.</summary>
    public bool TryBegin(Handshake handshake, IDialObserver observer)
    {
        var error = DialSocket.Open(handshake.Flow, _settings, out var socket, out var call);
        if (socket is not null)
        {
            var dial = new Dial(Interlocked.Increment(ref _lastNumber), handshake, socket, observer);
            _dials[handshake] = dial;
            _connecting[dial.Number] = dial;
            // Only now: a socket that does not connect yet is reported as closed.
            if (TryWatch(socket, Libc.EPOLLOUT | Libc.EPOLLONESHOT, dial.Number))
                return true;
            (error, call) = (Libc.LastError, "epoll_ctl");
            Abandon(handshake);
        }

        ProxyEngineLog.DialUnavailable(_logger, handshake.Flow, call, error);
        return false;
    }

    /// <summary>Hands the connection over that was dialled for a handshake; null if there is none.</summary>
    public FileDescriptor? Take(Handshake handshake) => _dials.TryRemove(handshake, out var dial) ? dial.Socket : null;

    /// <summary>Gives a dial up; what is connected is reset. Its observer hears no more of it, unless it is being told just now.</summary>
    public void Abandon(Handshake handshake)
    {
        if (!_dials.TryRemove(handshake, out var dial))
            return;
        _connecting.TryRemove(dial.Number, out _);
        new Leg(dial.Socket).Abort();
    }

    public void Dispose()
    {
        _stop.Signal();
        if (_thread.IsAlive)
            _thread.Join();
        foreach (var handshake in _dials.Keys)
            Abandon(handshake);
        _epoll.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            var events = new epoll_event[EventCapacity];
            while (RunOnce(events))
            {
            }
        }
        catch (Exception failure)
        {
            // Better the process ends, and the rules let connections pass, than SYNs are held back for ever.
            ProxyEngineLog.DiallerFailed(_logger, failure);
            throw;
        }
    }

    /// <returns>False if the thread is to stop.</returns>
    private bool RunOnce(epoll_event[] events)
    {
        var count = Libc.epoll_wait(_epoll, ref events[0], events.Length, Timeout.Infinite);
        for (var i = 0; i < count; i++)
        {
            if (events[i].data == StopNumber)
                return false;
            if (_connecting.TryRemove(events[i].data, out var dial))
                dial.Observer.Dialled(dial.Handshake, OutcomeOf(dial));
        }

        return true;
    }

    private DialOutcome OutcomeOf(Dial dial)
    {
        try
        {
            if (new Leg(dial.Socket).TakeError() is not Errno.None and var error)
            {
                ProxyEngineLog.DialFailed(_logger, dial.Handshake.Flow, error);
                return DialOutcome.Failed;
            }

            return MptcpSocket.IsMptcp(dial.Socket) ? DialOutcome.Mptcp : DialOutcome.Tcp;
        }
        catch (ObjectDisposedException)
        {
            // Given up a moment ago; whoever is told does not wait for it any more.
            return DialOutcome.Mptcp;
        }
    }

    private bool TryWatch(FileDescriptor descriptor, uint events, ulong number)
    {
        var interest = new epoll_event { events = events, data = number };
        return Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, descriptor, ref interest) == 0;
    }
}
