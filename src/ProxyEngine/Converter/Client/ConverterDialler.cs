using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.HostRole;
using Middlebox.Negotiation.Servers;
using Middlebox.ProxyEngine.Paths;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine.Converter.Client;

/// <summary>
/// Connects to servers through converters (RFC 8803) for programs of this host, by MPTCP, and gives both connections to the relay when the program's has come. Any
/// thread begins; one thread has everything from there to the relay, and never waits for a single converter or program.
/// </summary>
public sealed class ConverterDialler : IConverterDialler, IDisposable
{
    private const int AcceptedAtATime = 256;
    private const int TickMilliseconds = 250;

    private readonly RelayEngine _engine;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EventSet _events = new();
    private readonly EventDescriptor _stop = new();
    private readonly EventDescriptor _arrived = new();
    private readonly ConcurrentQueue<ConvertedDial> _requests = new();
    private readonly List<ProgramListener> _listeners = [];
    private readonly ConvertedDials _dials;
    private readonly Thread _thread;
    private long _lastTick = Environment.TickCount64;
    private bool _isPaused;
    private volatile bool _isRetired;

    /// <param name="options">How connections are treated.</param>
    /// <param name="engine">Relays what has been set up.</param>
    /// <param name="mark">The mark of the connections to converters, which no rule sends to a converter.</param>
    /// <param name="patience">How long a converter's kernel may take to answer.</param>
    /// <param name="servers">Learns which servers speak MPTCP.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Tells at level debug what was not connected.</param>
    /// <exception cref="ErrnoException">Sockets cannot be had.</exception>
    public ConverterDialler(
        ProxyEngineOptions options, RelayEngine engine, uint mark, TimeSpan patience, ServerCapabilities servers, TimeProvider time, ILogger<ConverterDialler> logger)
    {
        _engine = engine;
        _time = time;
        _logger = logger;
        _dials = new ConvertedDials(options, CongestionControl.ForClients(options), mark, (int)patience.TotalMilliseconds, _events, servers, logger);
        _thread = new Thread(Run) { Name = "converter dials", IsBackground = true };
        try
        {
            _events.Add(_stop.Descriptor, Libc.EPOLLIN, EventKind.Stop);
            _events.Add(_arrived.Descriptor, Libc.EPOLLIN, EventKind.Request);
            foreach (var isIpv4 in new[] { true, false })
            {
                if (ProgramListener.Open(isIpv4, options) is { } listener)
                    _listeners.Add(listener);
            }

            Listen();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Start() => _thread.Start();

    public HostEndpoint? ListenerOf(bool isIpv4) => _listeners.Find(listener => listener.Endpoint.Address.IsIpv4 == isIpv4)?.Endpoint;

    /// <summary>From now on nothing new is begun, because the box is about to end. Any thread may call.</summary>
    public void Retire() => _isRetired = true;

    public bool TryBegin(ConvertedConnection connection, Action<ConvertedConnection, ConvertedOutcome> told, out Reason refusal)
    {
        refusal = _isRetired ? Reason.Stopped : _engine.HasRoom ? Reason.None : Reason.FlowLimit;
        if (refusal != Reason.None)
            return false;
        _requests.Enqueue(new ConvertedDial(connection, told, _time.GetTimestamp()));
        _arrived.Signal();
        return true;
    }

    /// <summary>Ends the thread and resets what is being set up.</summary>
    public void Dispose()
    {
        _stop.Signal();
        if (_thread.IsAlive)
            _thread.Join();
        _dials.Stop();
        foreach (var listener in _listeners)
            listener.Dispose();
        _events.Dispose();
        _arrived.Dispose();
        _stop.Dispose();
    }

    private void Listen()
    {
        for (var i = 0; i < _listeners.Count; i++)
            _events.Add(_listeners[i].Socket, Libc.EPOLLIN, EventKind.Listener, (uint)i);
    }

    private void Run()
    {
        try
        {
            while (RunOnce())
            {
            }
        }
        catch (Exception failure)
        {
            // Better the process ends, and the rules let connections pass, than SYNs are held back for ever.
            ProxyEngineLog.ConverterDiallerFailed(_logger, failure);
            throw;
        }
    }

    /// <returns>False if the thread is to stop.</returns>
    private bool RunOnce()
    {
        foreach (ref readonly var occurrence in _events.Wait(_dials.Count == 0 && !_isPaused ? Timeout.Infinite : TickMilliseconds))
        {
            var (kind, number) = EventSet.Subject(in occurrence);
            switch (kind)
            {
                case EventKind.Stop:
                    return false;
                case EventKind.Request:
                    _arrived.Clear();
                    while (_requests.TryDequeue(out var dial))
                        _dials.Begin(dial);
                    break;
                case EventKind.Listener:
                    AcceptSome(_listeners[(int)number].Socket);
                    break;
                case EventKind.Server:
                    _dials.Advance(number, occurrence.events);
                    break;
            }
        }

        var now = Environment.TickCount64;
        if (now - _lastTick < TickMilliseconds)
            return true;
        _lastTick = now;
        _dials.EndOverdue(now);
        if (_isPaused)
            Listen();
        _isPaused = false;
        return true;
    }

    private void AcceptSome(FileDescriptor listener)
    {
        for (var i = 0; i < AcceptedAtATime; i++)
        {
            var program = default(sockaddr);
            var length = sockaddr.MaximumLength;
            var socket = Libc.accept4(listener, ref program, ref length, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            if (!socket.IsInvalid)
            {
                Relay(program.ToEndpoint(), new Leg(socket));
                continue;
            }

            var error = Libc.LastError;
            if (error is Errno.ECONNABORTED or Errno.EINTR)
                continue;
            if (error != Errno.EAGAIN && !_isPaused)
            {
                // Descriptors are used up: the listeners would report again and again. Programs wait until the next tick.
                _isPaused = true;
                foreach (var other in _listeners)
                    _events.Remove(other.Socket);
            }

            return;
        }
    }

    private void Relay(in HostEndpoint program, Leg client)
    {
        if (_dials.Take(in program) is not { } dial)
        {
            client.Abort();
            return;
        }

        var server = new Leg(dial.Socket!);
        if (_engine.TryRelay(dial.Connection.Flow, Reason.HostProxied, admission: null, client, server, earlyBytes: 0, dial.Begun))
            return;
        client.Abort();
        server.Abort();
    }
}
