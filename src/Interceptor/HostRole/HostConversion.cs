using System.Collections.Concurrent;
using Middlebox.Interceptor.Injection;
using Middlebox.Interceptor.Tracking;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.HostRole;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Interceptor.HostRole;

/// <summary>
/// Sends this host's own connections through a converter: holds their SYNs back until the converter has said what the server does, and has the kernel translate those that it
/// has connected to the box's own listener. Programs take themselves for connected to the server. Owned by one thread; knows nothing of queues and sockets.
/// </summary>
/// <remarks>A SYN that is held back is dropped and sent anew, by the program's kernel once a second or by this host when the outcome is known.</remarks>
internal sealed class HostConversion(
    HostProxyOptions options,
    IConverterDialler dialler,
    IConnectionTracking tracking,
    IPacketSink network,
    PacketMarks marks,
    HostProxyCounters counters,
    Action wake,
    TimeProvider time)
    : IHostFilter
{
    // Longer than a SYN that was sent takes through the queue, and a repetition that has crossed with it.
    private static readonly TimeSpan SettledLifetime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly ProxyUse _use = new(options, tracking, marks, time);
    private readonly Dictionary<FlowKey, ConvertedSyn> _syns = [];
    private readonly ConcurrentQueue<(ConvertedConnection Connection, ConvertedOutcome Outcome)> _outcomes = new();
    private long _lastSweep = time.GetTimestamp();
    private int _pending;

    public int Handle(Span<byte> buffer, int length)
    {
        if (TcpPacket.Read(buffer[..length], out var segment) != PacketDefect.None || (segment.Flags & TcpFlags.SynAck) != TcpFlags.Syn)
            return length;
        var flow = segment.FlowFromClient;
        if (_syns.TryGetValue(flow, out var earlier))
        {
            if (earlier.Isn == segment.Sequence)
                return earlier.IsSettled ? length : 0;
            Forget(earlier);
        }

        // A subflow belongs to a connection that went directly.
        if (_use.Find(flow.Server) is not { } converter || segment.IsAuthenticated || HandshakeOptions.Read(segment.Options).HasMpJoin)
            return length;
        if (!_use.IsSilent(in converter) && _pending < options.MaxPending && TryBegin(in segment, in flow, in converter))
            return 0;
        counters.CountDirect();
        _use.GoWithout(in flow);
        return length;
    }

    /// <summary>Lets those pass whose outcomes are known, and forgets those that have passed.</summary>
    public void Round()
    {
        while (_outcomes.TryDequeue(out var told))
        {
            if (_syns.TryGetValue(told.Connection.Flow, out var syn) && ReferenceEquals(syn.Connection, told.Connection) && !syn.IsSettled)
                Settle(syn, told.Outcome);
        }

        if (time.GetElapsedTime(_lastSweep) < SweepInterval)
            return;
        _lastSweep = time.GetTimestamp();
        foreach (var syn in _syns.Values.Where(syn => syn.IsSettled && time.GetElapsedTime(syn.Since) >= SettledLifetime).ToList())
            _syns.Remove(syn.Connection.Flow);
    }

    private bool TryBegin(in TcpPacket segment, in FlowKey flow, in HostEndpoint converter)
    {
        if (dialler.ListenerOf(flow.Client.Address.IsIpv4) is not { } listener || !_use.TryTranslate(in flow, listener, marks.Relayed))
            return false;
        if (tracking.TryFind(in flow, out var entry))
        {
            var connection = new ConvertedConnection(flow, entry.AnswersTo, converter);
            if (dialler.TryBegin(connection, Tell))
            {
                _syns.Add(flow, new ConvertedSyn(connection, segment.Sequence, segment.Bytes.ToArray(), time.GetTimestamp()));
                _pending++;
                counters.CountSent();
                return true;
            }
        }

        tracking.Delete(in flow);
        return false;
    }

    private void Settle(ConvertedSyn syn, ConvertedOutcome outcome)
    {
        var (flow, converter) = (syn.Connection.Flow, syn.Connection.Converter);
        _pending--;
        if (outcome == ConvertedOutcome.Unreachable)
            _use.NoteSilence(in converter);
        else
            _use.NoteAnswer(in converter);
        if (outcome != ConvertedOutcome.Connected)
            tracking.Delete(in flow);
        switch (outcome)
        {
            case ConvertedOutcome.Connected:
                counters.CountAnswered();
                break;
            case ConvertedOutcome.ServerRefused:
                counters.CountServerRefused();
                _use.Refuse(in flow);
                break;
            case ConvertedOutcome.Declined:
                counters.CountRefusedByProxy();
                _use.GoWithout(in flow);
                break;
            default:
                counters.CountUnanswered();
                _use.GoWithout(in flow);
                break;
        }

        // It is queued once more, and passes. What is lost the program's kernel sends again.
        _ = network.TrySend(syn.Settle(time.GetTimestamp()));
    }

    private void Forget(ConvertedSyn syn)
    {
        _syns.Remove(syn.Connection.Flow);
        if (!syn.IsSettled)
            _pending--;
    }

    private void Tell(ConvertedConnection connection, ConvertedOutcome outcome)
    {
        _outcomes.Enqueue((connection, outcome));
        wake();
    }
}
