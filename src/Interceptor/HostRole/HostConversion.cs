using System.Collections.Concurrent;
using Middlebox.Interceptor.Injection;
using Middlebox.Interceptor.Tracking;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
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
    DecisionHistory history,
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
        if (segment.IsAuthenticated || HandshakeOptions.Read(segment.Options).HasMpJoin)
            return length;
        if (_use.Find(flow.Server) is not { } converter)
        {
            history.Add(in flow, default, in segment, Verdict.Forward, Reason.NoProxyForServer);
            return length;
        }

        if (TryBegin(in segment, in flow, in converter, out var refusal))
            return 0;
        counters.Direct.Add();
        history.Add(in flow, in converter, in segment, Verdict.Forward, refusal);
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

    private bool TryBegin(in TcpPacket segment, in FlowKey flow, in HostEndpoint converter, out Reason refusal)
    {
        HostEndpoint program = default;
        refusal = _use.IsSilent(in converter) ? Reason.ProxySilent
            : _pending >= options.MaxPending ? Reason.TableFull
            : TryTranslate(in flow, out program) ? Reason.HostProxied
            : Reason.NotTranslated;
        if (refusal != Reason.HostProxied)
            return false;
        var connection = new ConvertedConnection(flow, program, converter);
        if (!dialler.TryBegin(connection, Tell, out refusal))
        {
            tracking.Delete(in flow);
            return false;
        }

        _syns.Add(flow, new ConvertedSyn(connection, segment.Sequence, segment.Bytes.ToArray(), time.GetTimestamp()));
        _pending++;
        counters.Sent.Add();
        history.Add(in flow, in converter, in segment, Verdict.Dial, Reason.HostProxied);
        return true;
    }

    /// <summary>Has the kernel translate the connection to the own listener.</summary>
    /// <param name="flow">The connection.</param>
    /// <param name="program">The program's end as the listener sees it.</param>
    private bool TryTranslate(in FlowKey flow, out HostEndpoint program)
    {
        program = default;
        if (dialler.ListenerOf(flow.Client.Address.IsIpv4) is not { } listener || !_use.TryTranslate(in flow, listener, marks.Relayed))
            return false;
        if (tracking.TryFind(in flow, out var entry))
        {
            program = entry.AnswersTo;
            return true;
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
                counters.Answered.Add();
                break;
            case ConvertedOutcome.ServerRefused:
                counters.ServerRefused.Add();
                _use.Refuse(in flow);
                break;
            case ConvertedOutcome.Declined:
                counters.RefusedByProxy.Add();
                _use.GoWithout(in flow);
                break;
            default:
                counters.Unanswered.Add();
                _use.GoWithout(in flow);
                break;
        }

        history.AddEnd(in flow, ReasonOf(outcome), converter);
        // It is queued once more, and passes. What is lost the program's kernel sends again.
        _ = network.TrySend(syn.Settle(time.GetTimestamp()));
    }

    private static Reason ReasonOf(ConvertedOutcome outcome) => outcome switch
    {
        ConvertedOutcome.Connected => Reason.ProxyAnswered,
        ConvertedOutcome.ServerRefused => Reason.ServerRefused,
        ConvertedOutcome.Declined => Reason.ProxyRefused,
        _ => Reason.ProxyUnanswered,
    };

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
