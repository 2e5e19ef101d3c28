using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Policy;
using Middlebox.ProxyEngine.Adoption;
using Middlebox.ProxyEngine.Dialling;
using Middlebox.ProxyEngine.Listeners;
using Middlebox.ProxyEngine.Paths;
using Middlebox.ProxyEngine.Relay;
using Middlebox.ProxyEngine.Survival;

namespace Middlebox.ProxyEngine;

/// <summary>
/// Terminates MPTCP in the servers' names and relays to them over TCP in the clients' names, or speaks MPTCP to servers for clients that do not. Packet threads hand in the
/// connections to act on; relay threads accept each when the client has completed its handshake, adopt the server's half,
/// and move the bytes.
/// </summary>
/// <remarks>
/// Handshakes are kept by flow between the two, flows from accept to end; both tables are concurrent and touched once or
/// twice in the life of a connection. Who closes a handshake is settled by <see cref="Handshake.TrySettle"/>.
/// </remarks>
public sealed class RelayEngine : IHandshakeTaker, IFlowSource, IDisposable
{
    private readonly ProxyEngineOptions _options;
    private readonly ServedTokens _tokens;
    private readonly RelayedFlows _relayed;
    private readonly FlowSurvival _survival;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ListenerTable _listeners;
    private readonly OwnListeners _ownListeners;
    private readonly ServerDialler _dialler;
    private readonly ServerLegs _serverLegs;
    private readonly RelayThread[] _threads;
    private readonly ConcurrentDictionary<FlowKey, Handshake> _awaitingClient = new();
    private readonly ConcurrentDictionary<Flow, byte> _flows = new();
    private readonly ITimer _listenerTimer;
    private readonly RelayInstruments _instruments;
    private readonly EndedFlows _endedFlows = new(capacity: 4096);
    private readonly long[] _ended = new long[Enum.GetValues<FlowEnd>().Length];
    private int _taken;
    private int _lastThread;
    private long _total;

    /// <param name="options">Limits, timeouts.</param>
    /// <param name="marks">Of the sockets of both legs.</param>
    /// <param name="ownEndpoints">Addresses and ports of the box to which clients connect that name their servers in the SYN.</param>
    /// <param name="tokens">Where connections are noted that may be joined.</param>
    /// <param name="relayed">Where connections on the path are noted.</param>
    /// <param name="survival">What outlives this process.</param>
    /// <param name="instruments">Histograms.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="ErrnoException">Sockets cannot be had.</exception>
    public RelayEngine(
        ProxyEngineOptions options,
        SocketMarks marks,
        IReadOnlyList<HostEndpoint> ownEndpoints,
        ServedTokens tokens,
        RelayedFlows relayed,
        FlowSurvival survival,
        RelayInstruments instruments,
        TimeProvider time,
        ILogger<RelayEngine> logger)
    {
        _instruments = instruments;
        _options = options;
        _tokens = tokens;
        _relayed = relayed;
        _survival = survival;
        _time = time;
        _logger = logger;
        var congestionControl = CongestionControl.ForClients(options);
        _dialler = new ServerDialler(new LegSettings(options, congestionControl, marks.ServerLeg), logger);
        _serverLegs = new ServerLegs(options, marks.ServerLeg, _dialler, logger);
        var clientLeg = new LegSettings(options, congestionControl, marks.ClientLeg);
        _listeners = new ListenerTable(options, clientLeg, ListenEverywhere, survival, time, logger);
        // Tracked, unlike others: the tracking is what tells their segments from those of connections that are relayed by translation.
        _ownListeners = new OwnListeners(ownEndpoints, new LegSettings(options, congestionControl, marks.ServerLeg), options.ListenBacklog, logger);
        _threads = new RelayThread[options.Workers > 0 ? options.Workers : Environment.ProcessorCount];
        for (var i = 0; i < _threads.Length; i++)
            _threads[i] = new RelayThread(i, options, _listeners.Find, _ownListeners, this, survival, time, logger);
        _listenerTimer = time.CreateTimer(
            _ => _listeners.CloseIdle(), null, options.ListenerIdleTimeout, options.ListenerIdleTimeout);
    }

    /// <summary>Most connections relayed at a time.</summary>
    public int MaxFlows => _options.MaxFlows;

    /// <summary>Connections relayed now.</summary>
    public int ActiveFlows => _flows.Count;

    /// <summary>Connections that are acted on and whose clients have not completed their handshakes.</summary>
    public int Handshakes => _awaitingClient.Count;

    /// <summary>Connections ever relayed.</summary>
    public long TotalFlows => Volatile.Read(ref _total);

    /// <summary>Bytes ever relayed from clients to servers.</summary>
    public long BytesUp => _threads.Sum(thread => thread.BytesUp);

    /// <summary>Bytes ever relayed from servers to clients.</summary>
    public long BytesDown => _threads.Sum(thread => thread.BytesDown);

    /// <summary>Server ports that are listened on now.</summary>
    public int Listeners => _listeners.Count;

    /// <summary>How long ago the slowest relay thread last went round.</summary>
    public TimeSpan Silence => TimeSpan.FromMilliseconds(Environment.TickCount64 - _threads.Min(thread => thread.LastRound));

    public void Start()
    {
        _dialler.Start();
        Succeed();
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>The connections relayed now, in no order.</summary>
    public IEnumerable<FlowSnapshot> Flows() => _flows.Select(entry => FlowObservation.Snapshot(entry.Key));

    /// <summary>A closer look at those of the connections relayed now that are wanted.</summary>
    public IEnumerable<FlowExamination> Examine(Func<FlowKey, bool> wanted) =>
        _flows.Where(entry => wanted(entry.Key.Key)).Select(entry => FlowObservation.Examine(entry.Key));

    /// <summary>The connections relayed now with what the kernel counts of their legs: some system calls for each.</summary>
    public IEnumerable<FlowReading> Read() => _flows.Select(entry => FlowObservation.Read(entry.Key));

    /// <summary>The connections that ended last, some thousands, the oldest first.</summary>
    public IReadOnlyList<EndedFlow> LatestEnded() => _endedFlows.ToList();

    /// <summary>How the connections ended that have ended.</summary>
    public IReadOnlyDictionary<FlowEnd, long> EndedFlows() =>
        Enum.GetValues<FlowEnd>()
            .Where(end => Volatile.Read(ref _ended[(int)end]) > 0)
            .ToDictionary(end => end, end => Volatile.Read(ref _ended[(int)end]));

    public bool TryTake(Handshake handshake, out Reason refusal)
    {
        if (!TryPrepare(handshake, out refusal))
            return false;
        _tokens.Expect(handshake.Flow.Server);
        _awaitingClient[handshake.Flow] = handshake;
        return true;
    }

    public bool TryDial(Handshake handshake, IDialObserver observer, out Reason refusal)
    {
        if (!TryPrepare(handshake, out refusal))
            return false;
        _awaitingClient[handshake.Flow] = handshake;
        if (_dialler.TryBegin(handshake, observer))
            return true;
        GiveUp(handshake);
        refusal = Reason.DialUnavailable;
        return false;
    }

    /// <summary>Whether there is room for another connection, those aside whose handshakes are under way.</summary>
    internal bool HasRoom => Volatile.Read(ref _taken) < _options.MaxFlows;

    /// <summary>Relays a connection both of whose legs are there. Any thread may call; false if there is no room.</summary>
    /// <param name="key">Client and server.</param>
    /// <param name="reason"><see cref="Reason.ConvertRequested"/> or <see cref="Reason.HostProxied"/>.</param>
    /// <param name="admission">The client's place, which the end gives back; null if there is no limit.</param>
    /// <param name="client">Registered with no epoll instance any more, as is <paramref name="server"/>.</param>
    /// <param name="server">Connected.</param>
    /// <param name="earlyBytes">What the server has been given already.</param>
    /// <param name="begun">Time stamp of the clock when the client was accepted.</param>
    internal bool TryRelay(in FlowKey key, Reason reason, FlowAdmission? admission, Leg client, Leg server, int earlyBytes, long begun)
    {
        var token = MptcpSocket.IsMptcp(client.Socket) ? MptcpSocket.TokenOf(client.Socket) : null;
        var identity = new FlowIdentity(key, Claim: null, admission, reason, IsMptcp: false, token, _time.GetUtcNow());
        identity = identity with { IsMptcp = MptcpSocket.IsMptcp((identity.IsMptcpTowardsServer ? server : client).Socket) };
        if (TryRegister(identity, client, server, earlyBytes, begun) is not { } flow)
            return false;
        Interlocked.Increment(ref _taken);
        _threads[(uint)Interlocked.Increment(ref _lastThread) % (uint)_threads.Length].Take(flow);
        return true;
    }

    public void GiveUp(Handshake handshake)
    {
        if (!_awaitingClient.TryRemove(KeyValuePair.Create(handshake.Flow, handshake)))
            return;
        var server = handshake.Flow.Server;
        if (handshake.IsDialled)
            _dialler.Abandon(handshake);
        else
            _tokens.Unexpect(in server);
        if (!handshake.IsAddressed)
            _listeners.Release(in server);
    }

    public void Dispose()
    {
        _listenerTimer.Dispose();
        foreach (var thread in _threads)
            thread.Dispose();
        _dialler.Dispose();
        _listeners.Dispose();
        _ownListeners.Dispose();
        _serverLegs.Dispose();
    }

    /// <summary>Makes sure that the client can be answered: a listener of the server's port, kept until the connection ends.</summary>
    private bool TryPrepare(Handshake handshake, out Reason refusal)
    {
        // Handshakes that wait for their clients have a bound of their own (NegotiationOptions.MaxHalfOpen), or SYNs that nobody
        // completes would keep everybody out. So the limit may be exceeded by those that are under way when it is reached.
        refusal = Reason.FlowLimit;
        if (Volatile.Read(ref _taken) >= _options.MaxFlows)
            return false;

        if (!TryListen(handshake, out refusal))
            return false;

        // An earlier attempt with the same addresses and ports, which the client has dropped for this one.
        if (_awaitingClient.TryGetValue(handshake.Flow, out var stale))
            GiveUp(stale);
        return true;
    }

    private bool TryListen(Handshake handshake, out Reason refusal)
    {
        var server = handshake.Flow.Server;
        if (!handshake.IsAddressed)
            return _listeners.TryUse(in server, out refusal);
        refusal = _options.ReservedPorts.Contains(handshake.ServerFlow.Server.Port.Value) ? Reason.PortReserved
            : _ownListeners.Contains(in server) ? Reason.None
            : Reason.ListenerUnavailable;
        return refusal == Reason.None;
    }

    bool IFlowSource.TryAccept(FileDescriptor listener, out Flow? flow)
    {
        flow = null;
        var client = default(sockaddr);
        var length = sockaddr.MaximumLength;
        var socket = Libc.accept4(
            listener, ref client, ref length, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
        if (socket.IsInvalid)
        {
            // ECONNABORTED: that client has gone, another may wait. EMFILE: the limit of flows is such that it does not happen.
            return Libc.LastError is Errno.ECONNABORTED or Errno.EINTR;
        }

        var leg = new Leg(socket);
        if (leg.LocalEndpoint is not { } server || !_awaitingClient.TryRemove(new FlowKey(client.ToEndpoint(), server), out var handshake))
        {
            leg.Abort();
            return true;
        }

        Interlocked.Increment(ref _taken);
        flow = Complete(handshake, leg);
        return true;
    }

    void IFlowSource.Ended(Flow flow, FlowEnd end)
    {
        // Counted first: whoever sees that no flow is left also sees how the last one ended.
        Interlocked.Increment(ref _ended[(int)end]);
        _instruments.RecordDuration(flow.Age, end);
        _endedFlows.Add(new EndedFlow(
            flow.Key, flow.Reason, flow.IsMptcp, flow.Token, flow.Since, flow.Age, end, flow.BytesUp, flow.BytesDown));
        _flows.TryRemove(flow, out _);
        _survival.End(flow.Record);
        _relayed.Remove(flow.Key);
        if (flow.Token is { } token)
            _tokens.Remove(token);
        flow.Admission?.Release();
        var server = flow.Key.Server;
        LetGo(flow.IsOnPath, in server);
        ProxyEngineLog.FlowEnded(_logger, flow.Key, end, flow.Error, flow.BytesUp, flow.BytesDown);
    }

    /// <summary>The client has completed its handshake: does the same towards the server.</summary>
    private Flow? Complete(Handshake handshake, Leg client)
    {
        var server = handshake.Flow.Server;
        // First of all: the client's MP_JOIN may be on its way.
        var isMptcp = MptcpSocket.IsMptcp(client.Socket);
        var token = isMptcp ? MptcpSocket.TokenOf(client.Socket) : null;
        if (token is { } value)
            _tokens.Add(value, in server);
        if (!handshake.IsDialled)
            _tokens.Unexpect(in server);

        if (_serverLegs.Obtain(handshake) is { } socket)
        {
            isMptcp = handshake.IsDialled ? MptcpSocket.IsMptcp(socket) : isMptcp;
            var identity = FlowIdentity.Of(handshake, isMptcp, token, _time.GetUtcNow());
            var leg = new Leg(socket);
            if (TryRegister(identity, client, leg, earlyBytes: 0, handshake.Begun) is { } flow)
            {
                if (flow.IsOnPath)
                    _relayed.Add(flow.Key);
                return flow;
            }

            handshake.Admission?.Release();
            leg.Abort();
        }

        if (token is { } unused)
            _tokens.Remove(unused);
        client.Abort();
        LetGo(!handshake.IsAddressed, in server);
        return null;
    }

    /// <returns>Null if there is no room.</returns>
    private Flow? TryRegister(FlowIdentity identity, Leg client, Leg server, int earlyBytes, long begun)
    {
        if (!_survival.TryBegin(identity, client, server, out var record))
            return null;
        _survival.Ledger[record].Up = new DirectionRecord { Sent = earlyBytes, Consumed = earlyBytes };
        var flow = new Flow(identity, client, server, _survival, record, DrainMilliseconds);
        _flows.TryAdd(flow, 0);
        Interlocked.Increment(ref _total);
        _instruments.RecordSetUp(_time.GetElapsedTime(begun));
        ProxyEngineLog.FlowBegan(_logger, flow.Key, flow.IsMptcp);
        return flow;
    }

    private long DrainMilliseconds => (long)_options.DrainTimeout.TotalMilliseconds;

    /// <summary>Goes on with what an earlier daemon has relayed.</summary>
    private void Succeed()
    {
        if (!_survival.IsSuccession)
            return;
        _listeners.Restore();
        foreach (var (slot, client, server) in _survival.TakeFlows())
        {
            ref readonly var record = ref _survival.Ledger[slot];
            var identity = record.Identity;
            var flow = new Flow(
                identity,
                new Leg(client),
                new Leg(server),
                _survival,
                slot,
                DrainMilliseconds,
                Positive(_time.GetUtcNow() - identity.Since));
            if (record.Failure != FlowEnd.None)
                flow.ResumeDraining(record.Failure);
            _flows.TryAdd(flow, 0);
            var destination = identity.IsAddressed ? flow.Client.LocalEndpoint ?? default : flow.Key.Server;
            if (flow.Token is { } token)
                _tokens.Add(token, in destination);
            if (identity.IsOnPath)
            {
                _relayed.Add(flow.Key);
                _listeners.TryUse(in destination, out _);
            }

            _threads[_taken++ % _threads.Length].Adopt(flow);
        }

        _total = _taken;
        SurvivalLog.TakenOver(_logger, _taken);
    }

    // The clock may have been set back meanwhile.
    private static TimeSpan Positive(TimeSpan age) => age > TimeSpan.Zero ? age : TimeSpan.Zero;

    private void LetGo(bool isOnPath, in HostEndpoint server)
    {
        if (isOnPath)
            _listeners.Release(in server);
        Interlocked.Decrement(ref _taken);
    }

    private void ListenEverywhere(TransparentListener listener)
    {
        foreach (var thread in _threads)
            thread.Listen(listener);
    }
}
