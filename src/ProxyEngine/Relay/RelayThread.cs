using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.ProxyEngine.Listeners;
using Middlebox.ProxyEngine.Paths;
using Middlebox.ProxyEngine.Survival;

namespace Middlebox.ProxyEngine.Relay;

/// <summary>
/// One relay thread: an epoll loop that accepts connections and moves the bytes of those it has accepted, for as long as
/// they live. It owns their flows; all relay threads share the listeners, and the kernel wakes one for each connection.
/// </summary>
/// <remarks>
/// Sockets are registered once, edge-triggered, for both directions: what a leg is ready for is noted until a call proves
/// otherwise. Listeners are level-triggered, because connections may be left waiting.
/// </remarks>
internal sealed class RelayThread : IDisposable
{
    private const int EventCapacity = 256;
    private const int TickMilliseconds = 1000;
    private const int WatchMilliseconds = 10;

    // The kernel is to end a connection without subflows; by then it has not.
    private const int KernelsTurnMilliseconds = 2000;

    // What an event is about stands in the upper half of its data: a listener, a leg with the flow's slot in the lower
    // half, or the request to stop.
    private const uint StopTag = 0;
    private const uint ListenerTag = 1;
    private const uint ClientLegTag = 2;
    private const uint ServerLegTag = 3;
    private const uint HandOverTag = 4;
    private const uint OwnListenerTag = 5;

    private readonly int _number;
    private readonly Func<ListenerKey, TransparentListener?> _findListener;
    private readonly OwnListeners _ownListeners;
    private readonly IFlowSource _source;
    private readonly ILogger _logger;
    private readonly long _idleMilliseconds;
    private readonly long _absenceMilliseconds;
    private readonly EagerWait _eagerness;
    private readonly FlowSurvival _survival;
    private readonly RelayJournal _journal;
    private readonly FileDescriptor _epoll;
    private readonly EventDescriptor _stop = new();
    private readonly EventDescriptor _wake = new();
    private readonly ConcurrentQueue<Flow> _handedOver = new();
    private readonly FlowSlots _flows = new();
    private readonly Queue<Flow> _ready = new();
    private readonly List<Flow> _draining = [];
    private readonly List<Flow> _ended = [];
    private readonly Thread _thread;
    private long _lastTick = Environment.TickCount64;
    private long _lastWatch;
    private long _bytesUp;
    private long _bytesDown;

    /// <exception cref="ErrnoException">No descriptor could be had.</exception>
    public RelayThread(
        int number,
        ProxyEngineOptions options,
        Func<ListenerKey, TransparentListener?> findListener,
        OwnListeners ownListeners,
        IFlowSource source,
        FlowSurvival survival,
        TimeProvider time,
        ILogger logger)
    {
        _number = number;
        _findListener = findListener;
        _ownListeners = ownListeners;
        _source = source;
        _logger = logger;
        _idleMilliseconds = (long)options.IdleTimeout.TotalMilliseconds;
        _absenceMilliseconds = (long)options.ClientAbsence.TotalMilliseconds;
        _eagerness = new EagerWait(options.EagerWait, time);
        _survival = survival;
        _journal = new RelayJournal(survival.Ledger, number, options.RelayBufferBytes);
        _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        if (_epoll.IsInvalid)
            throw ErrnoException.Last("epoll_create1");
        Register(_stop.Descriptor, Libc.EPOLLIN, StopTag, 0);
        Register(_wake.Descriptor, Libc.EPOLLIN, HandOverTag, 0);
        for (var i = 0; i < ownListeners.Count; i++)
            Register(ownListeners[i], Libc.EPOLLIN | Libc.EPOLLEXCLUSIVE, OwnListenerTag, (uint)i);
        _thread = new Thread(Run) { Name = $"relay {number}", IsBackground = true };
    }

    /// <summary>Bytes ever relayed to servers by this thread; never falls. Any thread may ask.</summary>
    public long BytesUp => Volatile.Read(ref _bytesUp);

    /// <summary>Bytes ever relayed to clients by this thread.</summary>
    public long BytesDown => Volatile.Read(ref _bytesDown);

    /// <summary>When the thread last went round, in milliseconds of <see cref="Environment.TickCount64"/>; it does once a second at least.</summary>
    public long LastRound => Volatile.Read(ref _lastTick);

    public void Start() => _thread.Start();

    /// <summary>Makes the thread go on with a flow that it has not accepted itself; to be called before it is started.</summary>
    public void Adopt(Flow flow) => Begin(flow);

    /// <summary>Makes the thread one of those that accept from a listener. May be called by any thread.</summary>
    public void Listen(TransparentListener listener) =>
        Register(listener.Socket, Libc.EPOLLIN | Libc.EPOLLEXCLUSIVE, ListenerTag, listener.Key.Number);

    /// <summary>Gives the thread a flow that did not come through a listener. May be called by any thread.</summary>
    public void Take(Flow flow)
    {
        _handedOver.Enqueue(flow);
        _wake.Signal();
    }

    /// <summary>Ends the thread and resets its connections.</summary>
    public void Dispose()
    {
        _stop.Signal();
        if (_thread.IsAlive)
            _thread.Join();
        _epoll.Dispose();
        _stop.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        try
        {
            var events = new epoll_event[EventCapacity];
            while (RunOnce(events))
            {
            }

            BeginHandedOver();
            foreach (var flow in _flows)
                End(flow, FlowEnd.Stopped);
            RemoveEnded();
        }
        catch (Exception failure)
        {
            // Its flows are lost with it: better the process ends, and the rules let new connections pass, than a thread
            // that looks alive and serves nobody.
            ProxyEngineLog.RelayThreadFailed(_logger, _number, failure);
            throw;
        }
    }

    private bool RunOnce(epoll_event[] events)
    {
        var count = Wait(events);
        for (var i = 0; i < count; i++)
        {
            if (!Handle(in events[i]))
                return false;
        }

        for (var turns = _ready.Count; turns > 0; turns--)
        {
            var flow = _ready.Dequeue();
            flow.IsQueued = false;
            if (_flows[flow.Slot] == flow)
                Advance(flow);
        }

        WatchDraining();
        // Only now may slots be given to new flows: events of this round may still have named them.
        RemoveEnded();
        EndIdle();
        return true;
    }

    /// <returns>Number of events.</returns>
    private int Wait(epoll_event[] events)
    {
        var patience = PatienceMilliseconds();
        if (patience == 0)
            return Libc.epoll_wait(_epoll, ref events[0], events.Length, 0);

        _eagerness.Begin();
        var count = 0;
        for (var looks = 0; count == 0 && _eagerness.StaysAwake(looks); looks++)
            count = Libc.epoll_wait(_epoll, ref events[0], events.Length, 0);
        if (count == 0)
            count = Libc.epoll_wait(_epoll, ref events[0], events.Length, patience);
        _eagerness.End(count > 0);
        return count;
    }

    private int PatienceMilliseconds() => _ready.Count > 0 ? 0 : _draining.Count > 0 ? WatchMilliseconds : TickMilliseconds;

    /// <summary>False if the thread is to stop.</summary>
    private bool Handle(in epoll_event occurrence)
    {
        var tag = (uint)(occurrence.data >> 32);
        var number = (uint)occurrence.data;
        switch (tag)
        {
            case StopTag:
                return false;
            case ListenerTag:
                if (_findListener(ListenerKey.FromNumber(number)) is { } listener)
                    AcceptAll(listener.Socket);
                return true;
            case OwnListenerTag:
                AcceptAll(_ownListeners[(int)number]);
                return true;
            case HandOverTag:
                _wake.Clear();
                BeginHandedOver();
                return true;
        }

        if (_flows[(int)number] is not { } flow)
            return true;
        (tag == ClientLegTag ? flow.Client : flow.Server).Note(occurrence.events);
        if ((occurrence.events & (Libc.EPOLLERR | Libc.EPOLLHUP)) != 0 && flow.CheckErrors() is not FlowEnd.None and var end)
            End(flow, end);
        else
            Enqueue(flow);
        return true;
    }

    private void AcceptAll(FileDescriptor listener)
    {
        while (_source.TryAccept(listener, out var flow))
        {
            if (flow is null)
                continue;
            Begin(flow);
        }
    }

    private void BeginHandedOver()
    {
        while (_handedOver.TryDequeue(out var flow))
            Begin(flow);
    }

    private void Begin(Flow flow)
    {
        const uint Interest = Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLRDHUP | Libc.EPOLLET;
        _flows.Add(flow);
        flow.ResetOnClose();
        try
        {
            Register(flow.Client.Socket, Interest, ClientLegTag, (uint)flow.Slot);
            Register(flow.Server.Socket, Interest, ServerLegTag, (uint)flow.Slot);
            Enqueue(flow);
        }
        catch (ErrnoException)
        {
            // Out of memory or of epoll watches: this flow ends, the others go on.
            End(flow, FlowEnd.ClientError);
        }
    }

    private void Advance(Flow flow)
    {
        var (up, down) = (flow.BytesUp, flow.BytesDown);
        var end = flow.Run(_journal, out var hasMore);
        (up, down) = (flow.BytesUp - up, flow.BytesDown - down);
        Volatile.Write(ref _bytesUp, _bytesUp + up);
        Volatile.Write(ref _bytesDown, _bytesDown + down);
        // An event alone is no activity: MPTCP reports a writable socket with each repetition to a peer that is long gone.
        if (up + down > 0)
            flow.LastActive = Environment.TickCount64;
        if (end != FlowEnd.None)
        {
            End(flow, end);
            return;
        }

        if (hasMore)
            Enqueue(flow);
        if (flow.IsDraining && !flow.IsWatched)
        {
            flow.IsWatched = true;
            _draining.Add(flow);
        }
    }

    /// <summary>No event tells that a peer has acknowledged everything, so these flows are looked at again and again.</summary>
    private void WatchDraining()
    {
        var now = Environment.TickCount64;
        if (_draining.Count == 0 || now - _lastWatch < WatchMilliseconds)
            return;
        _lastWatch = now;
        _draining.RemoveAll(flow => _flows[flow.Slot] != flow);
        foreach (var flow in _draining)
            Advance(flow);
    }

    private void Enqueue(Flow flow)
    {
        if (flow.IsQueued)
            return;
        flow.IsQueued = true;
        _ready.Enqueue(flow);
    }

    private void End(Flow flow, FlowEnd end)
    {
        if (_survival.IsShared)
        {
            // Closing a socket that another process holds too does not take it out of the set.
            Unregister(flow.Client.Socket);
            Unregister(flow.Server.Socket);
        }

        flow.Close(end);
        _flows.Vacate(flow);
        _ended.Add(flow);
        _source.Ended(flow, end);
    }

    private void RemoveEnded()
    {
        foreach (var flow in _ended)
            _flows.Recycle(flow);
        _ended.Clear();
    }

    private void EndIdle()
    {
        var now = Environment.TickCount64;
        if (now - _lastTick < TickMilliseconds)
            return;
        Volatile.Write(ref _lastTick, now);
        foreach (var flow in _flows)
        {
            if (now - flow.LastActive >= _idleMilliseconds)
                End(flow, FlowEnd.Idle);
            else if (flow.IsMptcp && now - flow.LastActive >= TickMilliseconds && now >= flow.NextLook && HasLeft(flow, now))
                End(flow, flow.MptcpLeg == flow.Client ? FlowEnd.ClientTimedOut : FlowEnd.ServerTimedOut);
        }

        RemoveEnded();
    }

    /// <summary>
    /// Whether the peer has been without subflows for too long. The kernel ends such a connection by itself, but not always: one whose last
    /// subflow was reset in an unlucky moment stays open for ever.
    /// </summary>
    private bool HasLeft(Flow flow, long now)
    {
        if (!MptcpSocket.IsWithoutSubflows(flow.MptcpLeg.Socket))
        {
            flow.AbsentSince = null;
            flow.NextLook = now + (_absenceMilliseconds / 4);
            return false;
        }

        flow.AbsentSince ??= now;
        return now - flow.AbsentSince >= _absenceMilliseconds + KernelsTurnMilliseconds;
    }

    private void Unregister(FileDescriptor descriptor)
    {
        var unused = default(epoll_event);
        _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, descriptor, ref unused);
    }

    private void Register(FileDescriptor descriptor, uint events, uint tag, uint number)
    {
        var interest = new epoll_event { events = events, data = ((ulong)tag << 32) | number };
        if (Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, descriptor, ref interest) < 0)
            throw ErrnoException.Last("epoll_ctl");
    }
}
