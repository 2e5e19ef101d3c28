using System.Diagnostics;
using System.Runtime.InteropServices;
using Middlebox.Native;

namespace Middlebox.Bench.Load;

/// <summary>
/// Connections of one byte each way, a fixed number of them at a time, by one thread with epoll(7). A connection is: connect(), a byte there,
/// the byte back, close(); its time is that from connect() to the byte. Must run in the client's network namespace.
/// </summary>
internal sealed class ExchangeLoop : IDisposable
{
    private const int EventsAtATime = 256;
    private const byte Question = (byte)'?';
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly int _protocol;
    private readonly SourcePorts _sources;
    private readonly sockaddr _server;
    private readonly Latencies _latencies;
    private readonly Slot[] _slots;
    private readonly FileDescriptor _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
    private readonly List<FileDescriptor>? _keep;
    private int _inFlight;
    private PeerTally _tally;
    private long _failures;
    private string? _firstFailure;

    /// <param name="mptcp">Whether to open MPTCP sockets.</param>
    /// <param name="sources">Where connections come from.</param>
    /// <param name="server">Where they go.</param>
    /// <param name="atATime">Connections in flight.</param>
    /// <param name="latencies">Takes the time of each.</param>
    /// <param name="keep">Takes the connections in place of closing them; null to close.</param>
    public ExchangeLoop(
        bool mptcp, SourcePorts sources, sockaddr server, int atATime, Latencies latencies, List<FileDescriptor>? keep = null)
    {
        _protocol = mptcp ? Libc.IPPROTO_MPTCP : Libc.IPPROTO_TCP;
        _sources = sources;
        _server = server;
        _latencies = latencies;
        _keep = keep;
        _slots = new Slot[atATime];
    }

    /// <summary>Runs for a time, then waits for the connections in flight.</summary>
    public ExchangeResult RunFor(TimeSpan duration)
    {
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        return Run(() => Stopwatch.GetTimestamp() < end);
    }

    /// <summary>Makes so many connections.</summary>
    public ExchangeResult RunCount(int connections)
    {
        var started = 0;
        return Run(() => started++ < connections);
    }

    public void Dispose()
    {
        _epoll.Dispose();
        foreach (var slot in _slots)
            slot.Socket?.Dispose();
    }

    private ExchangeResult Run(Func<bool> startAnother)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < _slots.Length && startAnother(); i++)
            Start(i);
        var events = new epoll_event[EventsAtATime];
        while (_inFlight > 0)
        {
            var count = Libc.epoll_wait(_epoll, ref events[0], events.Length, (int)Patience.TotalMilliseconds);
            if (count == 0)
            {
                Fail($"{_inFlight} connections made no progress for {Patience.TotalSeconds:0} s", _inFlight);
                break;
            }

            for (var i = 0; i < count; i++)
            {
                var slot = (int)events[i].data;
                if (Advance(slot, events[i].events) && startAnother())
                    Start(slot);
            }
        }

        return new ExchangeResult(_tally, watch.Elapsed, _failures, _firstFailure);
    }

    private void Start(int index)
    {
        ref var slot = ref _slots[index];
        var source = _sources.Next();
        slot.Socket = Libc.socket(Libc.AF_INET, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, _protocol);
        if (slot.Socket.IsInvalid || Libc.bind(slot.Socket, in source, source.Length) != 0)
            throw ErrnoException.Last(nameof(Libc.bind), $"port {source.Port}");
        slot.Source = source;
        slot.Asked = false;
        var @event = new epoll_event { events = Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLET, data = (ulong)index };
        slot.Started = Stopwatch.GetTimestamp();
        if (Libc.connect(slot.Socket, in _server, _server.Length) != 0 && Libc.LastError != Errno.EINPROGRESS)
            throw ErrnoException.Last(nameof(Libc.connect));
        if (Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, slot.Socket, ref @event) != 0)
            throw ErrnoException.Last(nameof(Libc.epoll_ctl));
        _inFlight++;
    }

    /// <summary>Goes on with a connection; true when it is over.</summary>
    private bool Advance(int index, uint events)
    {
        ref var slot = ref _slots[index];
        if (!slot.Asked && (events & Libc.EPOLLOUT) != 0 && (events & (Libc.EPOLLERR | Libc.EPOLLHUP)) == 0)
        {
            var question = Question;
            if (Libc.send(slot.Socket!, in question, 1, Libc.MSG_NOSIGNAL) == 1)
                slot.Asked = true;
        }

        if ((events & (Libc.EPOLLIN | Libc.EPOLLERR | Libc.EPOLLHUP)) == 0)
            return false;
        byte answer = 0;
        var received = Libc.recv(slot.Socket!, ref answer, 1, 0);
        if (received < 0 && Libc.LastError == Errno.EAGAIN)
            return false;
        if (received == 1)
        {
            _latencies.Add(Stopwatch.GetTimestamp() - slot.Started);
            _tally = _tally.With(ref slot.Source);
        }
        else
        {
            Fail(received == 0 ? "ended before the byte came back" : Marshal.GetPInvokeErrorMessage((int)Libc.LastError), 1);
        }

        Finish(ref slot, received == 1);
        return true;
    }

    private void Finish(ref Slot slot, bool succeeded)
    {
        _inFlight--;
        // close(2) does not do it while a process that is just being started holds a copy of the descriptor.
        var none = default(epoll_event);
        _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, slot.Socket!, ref none);
        if (succeeded && _keep is not null)
            _keep.Add(slot.Socket!);
        else
            slot.Socket!.Dispose();

        slot.Socket = null;
    }

    private void Fail(string reason, int count)
    {
        _failures += count;
        _firstFailure ??= reason;
    }

    private struct Slot
    {
        public FileDescriptor? Socket;
        public sockaddr Source;
        public long Started;
        public bool Asked;
    }
}
