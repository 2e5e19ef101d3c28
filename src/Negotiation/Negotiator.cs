using System.Collections.Concurrent;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation;

/// <summary>
/// The implicit scheme: which proxy acts follows from where it stands, with no change to MPTCP (the table in
/// docs/protocol.md; MP_CAPABLE by RFC 8684 section 3.1). It owns the contexts of one packet thread, which is the only one
/// to call it; what other threads settle comes back through a queue that <see cref="Sweep"/> empties.
/// </summary>
/// <remarks>
/// Every box holds a context from the SYN to the SYN/ACK. The one nearest the server sees a SYN/ACK without MP_CAPABLE and
/// acts; all others then see the one with MP_CAPABLE that it made, and release. Pure: segments and a clock in, decisions out.
/// </remarks>
public sealed class Negotiator
{
    private const TcpFlags HandshakeFlags = TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst | TcpFlags.Fin;

    private readonly NegotiationState _state;
    private readonly NegotiationOptions _options;
    private readonly TimeProvider _time;
    private readonly ContextTable _contexts;
    private readonly ConcurrentQueue<Handshake> _settled = new();
    private readonly List<Handshake> _abandoned = [];
    private int _contextCount;
    private long _created;

    /// <param name="state">Shared with the other packet threads.</param>
    /// <param name="options">Time-outs and limits.</param>
    /// <param name="maxContexts">This thread's part of <see cref="NegotiationOptions.MaxContexts"/>.</param>
    /// <param name="time">The clock.</param>
    public Negotiator(NegotiationState state, NegotiationOptions options, int maxContexts, TimeProvider time)
    {
        _state = state;
        _options = options;
        _time = time;
        _contexts = new ContextTable(maxContexts);
    }

    /// <summary>Contexts kept now; may be read by any thread.</summary>
    public int ContextCount => Volatile.Read(ref _contextCount);

    /// <summary>Contexts ever created; may be read by any thread.</summary>
    public long ContextsCreated => Volatile.Read(ref _created);

    /// <summary>SYNs for which no context was made, by reason.</summary>
    public ReasonCounters Bypassed { get; } = new();

    /// <summary>Contexts that ended, by reason.</summary>
    public ReasonCounters Released { get; } = new();

    /// <summary>Decides on a segment that is being forwarded.</summary>
    public Decision Decide(in TcpPacket segment) => (segment.Flags & HandshakeFlags) switch
    {
        TcpFlags.Syn => OnSyn(in segment),
        TcpFlags.Syn | TcpFlags.Ack => OnSynAck(in segment),
        TcpFlags.Rst or (TcpFlags.Rst | TcpFlags.Ack) => OnReset(in segment),
        _ => Decision.Forward(Reason.NotHandshake),
    };

    /// <summary>Decides on a packet that is no well-formed TCP segment.</summary>
    public Decision DecideMalformed() => Bypass(Verdict.Forward, Reason.MalformedPacket);

    /// <summary>Decides on a segment of a handshake that is too long to be free of data.</summary>
    public Decision DecideWithData() => Bypass(Verdict.Forward, Reason.SynWithData);

    /// <summary>The box was to act but cannot: it stays out after all.</summary>
    public void StayOut(Handshake handshake, Reason reason)
    {
        if (handshake.TrySettle(reason))
            ReleaseSettled();
    }

    /// <summary>
    /// Forgets what has been settled elsewhere and what has waited too long. To be called some ten times a second.
    /// </summary>
    /// <param name="abandoned">Receives the handshakes that the client did not complete: the server is to be told.</param>
    public void Sweep(ICollection<Handshake> abandoned)
    {
        ReleaseSettled();
        var now = _time.GetTimestamp();
        while (_contexts.TryOldest(ContextState.AwaitingServer, now - InTicks(_options.ServerTimeout), out var slot))
            Release(slot, Reason.Unanswered);
        while (_contexts.TryOldest(ContextState.AwaitingClient, now - InTicks(_options.ClientTimeout), out var slot))
            Release(slot, Reason.ClientVanished);
        HandOver(abandoned);
    }

    /// <summary>Ends everything, because the box is shutting down.</summary>
    public void Stop(ICollection<Handshake> abandoned)
    {
        ReleaseSettled();
        while (_contexts.TryOldest(ContextState.AwaitingServer, long.MaxValue, out var slot))
            Release(slot, Reason.Stopped);
        while (_contexts.TryOldest(ContextState.AwaitingClient, long.MaxValue, out var slot))
            Release(slot, Reason.Stopped);
        HandOver(abandoned);
    }

    private Decision OnSyn(in TcpPacket syn)
    {
        var options = HandshakeOptions.Read(syn.Options);
        var flow = syn.FlowFromClient;
        if (_contexts.TryFind(in flow, out var slot))
        {
            if (_contexts[slot].ClientIsn == syn.Sequence)
                return OnRepeatedSyn(slot, in options);
            // The half-open connection that the server may still have is the client's to reset, as without the box.
            Release(slot, Reason.ReplacedBySyn);
        }

        if (options.HasMpJoin && !options.Malformed)
            return OnJoin(options.MpJoinToken, flow.Server);

        var bypass = ReasonToBypass(in syn, in options);
        if (bypass == Reason.None && _state.Policy.Decide(in flow) == PolicyAction.Bypass)
            bypass = Reason.PolicyBypass;
        if (bypass == Reason.None && _state.DroppingServers.Contains(flow.Server))
            return Bypass(Verdict.ForwardWithoutMpCapable, Reason.ServerDropsMptcp);
        if (bypass == Reason.None && !_contexts.TryAdd(in flow, _time.GetTimestamp(), out slot))
            bypass = Reason.TableFull;
        if (bypass != Reason.None)
            return Bypass(Verdict.Forward, bypass);

        _contexts[slot].Remember(in syn);
        Volatile.Write(ref _created, _created + 1);
        Volatile.Write(ref _contextCount, _contexts.Count);
        return new Decision(VerdictOnServedSyn(in syn), Reason.Served);
    }

    private Decision OnRepeatedSyn(int slot, in HandshakeOptions options)
    {
        ref var context = ref _contexts[slot];
        if (context.State == ContextState.AwaitingClient)
        {
            // Our SYN/ACK was lost: the kernel, which has the half-open connection, answers again.
            return new Decision(Verdict.Divert, Reason.RepeatedSyn);
        }

        if (options.MpCapable != MpCapableKind.Version1)
        {
            Release(slot, Reason.ClientGaveUpMptcp);
            return Decision.Forward(Reason.ClientGaveUpMptcp);
        }

        _contexts.Renew(slot, ContextState.AwaitingServer, _time.GetTimestamp());
        if (context.Repeats < _options.RepeatsWithMpCapable)
        {
            context.Repeats++;
            var ecn = (context.SynFlags & TcpFlags.Ece) != 0;
            return new Decision(ecn ? Verdict.ForwardWithoutEcn : Verdict.Forward, Reason.RepeatedSyn);
        }

        context.MpCapableRemoved = true;
        return new Decision(Verdict.ForwardWithoutMpCapable, Reason.RepeatedSyn);
    }

    private Decision OnJoin(uint token, in HostEndpoint destination)
    {
        if (_state.Tokens.Serves(token, in destination))
            return new Decision(Verdict.Divert, Reason.OwnJoin);
        return _state.Tokens.IsExpectedFor(in destination)
            ? new Decision(Verdict.Defer, Reason.EarlyJoin)
            : Bypass(Verdict.Forward, Reason.ForeignJoin);
    }

    private Decision OnSynAck(in TcpPacket synAck)
    {
        var flow = synAck.FlowFromServer;
        if (!_contexts.TryFind(in flow, out var slot))
            return Decision.Forward(Reason.NoContext);

        ref var context = ref _contexts[slot];
        if (synAck.Acknowledgment != unchecked(context.ClientIsn + 1))
            return Decision.Forward(Reason.AcknowledgmentMismatch);
        if (context.State == ContextState.AwaitingClient)
            return new Decision(Verdict.Discard, Reason.RepeatedSynAck);

        var options = HandshakeOptions.Read(synAck.Options);
        if (options.MpCapable != MpCapableKind.None)
            return ReleaseAndForward(slot, Reason.ServerCapable);
        if (options.Malformed)
            return ReleaseAndForward(slot, Reason.MalformedOptions);
        if (context.MpCapableRemoved)
        {
            _state.DroppingServers.Add(flow.Server);
            return ReleaseAndForward(slot, Reason.MpCapableDropped);
        }

        context.Handshake = new Handshake(in context, in synAck, _settled);
        _contexts.Renew(slot, ContextState.AwaitingClient, _time.GetTimestamp());
        return new Decision(Verdict.Act, Reason.ServerLegacy, context.Handshake);
    }

    private Decision OnReset(in TcpPacket reset)
    {
        var flow = reset.FlowFromServer;
        // Only a RST that acknowledges the SYN ends the attempt (RFC 9293 section 3.10.7.3); any other may be forged.
        if (!_contexts.TryFind(in flow, out var slot)
            || _contexts[slot].State != ContextState.AwaitingServer
            || (reset.Flags & TcpFlags.Ack) == 0
            || reset.Acknowledgment != unchecked(_contexts[slot].ClientIsn + 1))
            return Decision.Forward(Reason.NoContext);
        return ReleaseAndForward(slot, Reason.ServerRefused);
    }

    private static Reason ReasonToBypass(in TcpPacket syn, in HandshakeOptions options)
    {
        if (options.Malformed)
            return Reason.MalformedOptions;
        if (options.HasMd5)
            return Reason.TcpMd5;
        if (options.HasAuthentication)
            return Reason.TcpAuthentication;
        if (syn.IsAuthenticated)
            return Reason.IpAuthentication;
        if (options.HasFastOpen)
            return Reason.FastOpen;
        if (syn.PayloadLength > 0)
            return Reason.SynWithData;
        return options.MpCapable switch
        {
            MpCapableKind.Version1 => Reason.None,
            MpCapableKind.Version0 => Reason.MptcpVersion0,
            MpCapableKind.OtherVersion => Reason.MptcpVersionUnknown,
            MpCapableKind.Malformed => Reason.MalformedOptions,
            _ => Reason.NotMptcp,
        };
    }

    /// <summary>
    /// TCP_REPAIR cannot switch ECN on, so a server that had agreed to it would mark packets for a receiver that is blind to
    /// the marks (RFC 3168 section 6.1). The request is withdrawn on the server's side; the client's own leg keeps it.
    /// </summary>
    private static Verdict VerdictOnServedSyn(in TcpPacket syn) =>
        (syn.Flags & TcpFlags.Ece) != 0 ? Verdict.ForwardWithoutEcn : Verdict.Forward;

    private Decision Bypass(Verdict verdict, Reason reason)
    {
        Bypassed.Add(reason);
        return new Decision(verdict, reason);
    }

    private Decision ReleaseAndForward(int slot, Reason reason)
    {
        Release(slot, reason);
        return Decision.Forward(reason);
    }

    private void Release(int slot, Reason reason)
    {
        if (_contexts[slot].Handshake is { } handshake)
        {
            // The relay may have settled it a moment ago; then its outcome is the truth.
            if (handshake.TrySettle(reason))
                _abandoned.Add(handshake);
            reason = handshake.Outcome;
        }

        Forget(slot, reason);
    }

    private void HandOver(ICollection<Handshake> abandoned)
    {
        foreach (var handshake in _abandoned)
            abandoned.Add(handshake);
        _abandoned.Clear();
    }

    private void ReleaseSettled()
    {
        while (_settled.TryDequeue(out var handshake))
        {
            if (_contexts.TryFind(handshake.Flow, out var slot) && ReferenceEquals(_contexts[slot].Handshake, handshake))
                Forget(slot, handshake.Outcome);
        }
    }

    private void Forget(int slot, Reason reason)
    {
        _contexts.Remove(slot);
        Released.Add(reason);
        Volatile.Write(ref _contextCount, _contexts.Count);
    }

    private long InTicks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
