using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Servers;
using Middlebox.Negotiation.Wire;
using Middlebox.ProxyEngine.Paths;

namespace Middlebox.ProxyEngine.Converter;

/// <summary>
/// A transport converter (RFC 8803): clients connect to it and name a server, it connects to the server, tells the client how that came out, and gives both
/// connections to the relay. One thread has everything from the accept to that point; it never waits for a single client or server.
/// </summary>
/// <remarks>
/// The kernel answers a client's SYN by itself. What counts is the Convert message, the first bytes that the converter says: it comes when the server has
/// answered, so a client that goes by it sees a truthful connect(). What the client has sent behind its message stays in the socket until the relay sends it on.
/// </remarks>
public sealed class ConverterServer : IDisposable
{
    private const int AcceptedAtATime = 256;
    private const int TickMilliseconds = 250;

    private readonly ILogger _logger;
    private readonly EventSet _events = new();
    private readonly EventDescriptor _stop = new();
    private readonly ServerAnswerTap _tap = new();
    private readonly RequestAssessor _assessor;
    private readonly Conversions _conversions;
    private readonly List<FileDescriptor> _listeners = [];
    private readonly Thread _thread;
    private long _lastTick = Environment.TickCount64;
    private bool _isPaused;

    /// <param name="options">Checked, with at least one address to listen on.</param>
    /// <param name="engineOptions">How the relay treats its connections.</param>
    /// <param name="engine">Relays what has been set up.</param>
    /// <param name="marks">Of sockets with clients' addresses.</param>
    /// <param name="supported">Kinds of TCP options that the SYNs of this host have.</param>
    /// <param name="servers">Learns which servers speak MPTCP.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Tells refusals at level debug.</param>
    /// <exception cref="ErrnoException">An address cannot be listened on, or sockets cannot be had.</exception>
    public ConverterServer(
        ConverterOptions options,
        ProxyEngineOptions engineOptions,
        RelayEngine engine,
        SocketMarks marks,
        IReadOnlyList<TcpOptionKind> supported,
        ServerCapabilities servers,
        TimeProvider time,
        ILogger<ConverterServer> logger)
    {
        _logger = logger;
        _assessor = new RequestAssessor(options, supported, time);
        var congestionControl = CongestionControl.ForClients(engineOptions);
        var dial = new DownstreamDial(options, engineOptions, congestionControl, marks.ServerLeg);
        _conversions = new Conversions(options, engine, _assessor, dial, _tap, _events, servers, Counters, time, logger);
        _thread = new Thread(Run) { Name = "converter", IsBackground = true };
        try
        {
            _events.Add(_stop.Descriptor, Libc.EPOLLIN, EventKind.Stop);
            foreach (var socket in _tap.Descriptors)
                _events.Add(socket, Libc.EPOLLIN, EventKind.Tap);
            foreach (var address in options.Listen)
                _listeners.Add(ConverterListener.Open(HostEndpoint.Parse(address), options, engineOptions, congestionControl));
            Listen();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ConverterCounters Counters { get; } = new();

    public void Start() => _thread.Start();

    /// <summary>Ends the thread and resets what is being set up.</summary>
    public void Dispose()
    {
        _stop.Signal();
        if (_thread.IsAlive)
            _thread.Join();
        foreach (var listener in _listeners)
            listener.Dispose();
        _tap.Dispose();
        _assessor.Dispose();
        _events.Dispose();
        _stop.Dispose();
    }

    private void Listen()
    {
        for (var i = 0; i < _listeners.Count; i++)
            _events.Add(_listeners[i], Libc.EPOLLIN, EventKind.Listener, (uint)i);
    }

    private void Run()
    {
        try
        {
            while (RunOnce())
            {
            }

            _conversions.Stop();
        }
        catch (Exception failure)
        {
            // Better the process ends than that clients connect to a converter that serves nobody.
            ProxyEngineLog.ConverterFailed(_logger, failure);
            throw;
        }
    }

    /// <returns>False if the thread is to stop.</returns>
    private bool RunOnce()
    {
        foreach (ref readonly var occurrence in _events.Wait(_conversions.PatienceMilliseconds(TickMilliseconds)))
        {
            var (kind, number) = EventSet.Subject(in occurrence);
            switch (kind)
            {
                case EventKind.Stop:
                    return false;
                case EventKind.Listener:
                    AcceptSome(_listeners[(int)number]);
                    break;
                case EventKind.Tap:
                    _conversions.NoteAnswers();
                    break;
                case EventKind.Client:
                    _conversions.HandleClient(number, occurrence.events);
                    break;
                case EventKind.Server:
                    _conversions.HandleServer(number);
                    break;
            }
        }

        _conversions.LookAgain();
        var now = Environment.TickCount64;
        if (now - _lastTick >= TickMilliseconds)
        {
            _lastTick = now;
            _conversions.EndOverdue(now);
            if (_isPaused)
                Listen();
            _isPaused = false;
        }

        Counters.Pending = _conversions.Count;
        return true;
    }

    private void AcceptSome(FileDescriptor listener)
    {
        // The others get their turn after these; the listener reports again.
        for (var i = 0; i < AcceptedAtATime; i++)
        {
            var address = default(sockaddr);
            var length = sockaddr.MaximumLength;
            var socket = Libc.accept4(listener, ref address, ref length, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            if (!socket.IsInvalid)
            {
                _conversions.Begin(socket, address.ToEndpoint());
                continue;
            }

            var error = Libc.LastError;
            if (error is Errno.ECONNABORTED or Errno.EINTR)
                continue;
            if (error != Errno.EAGAIN)
                Pause();
            return;
        }
    }

    /// <summary>Descriptors are used up: the listeners would report again and again. Clients wait until the next tick.</summary>
    private void Pause()
    {
        if (_isPaused)
            return;
        _isPaused = true;
        foreach (var listener in _listeners)
            _events.Remove(listener);
    }
}
