using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Upgrades;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation;

/// <summary>
/// Decides which proxy acts, by both schemes (docs/protocol.md, docs/explicit.md; MP_CAPABLE by RFC 8684 section 3.1). It owns the
/// contexts of one packet thread, which is the only one to call it; what other threads settle comes back through a queue
/// that <see cref="Sweep"/> empties, and a new configuration through one reference. Pure: segments and a clock in, decisions out.
/// </summary>
/// <remarks>
/// Implicit: every box holds a context from the SYN to the SYN/ACK. The one nearest the server sees a SYN/ACK without MP_CAPABLE
/// and acts; all others then see the one with MP_CAPABLE that it made, and release. Explicit: a box claims the connection in the SYN,
/// and boxes behind it that respect the claim hold nothing; from the SYN/ACK on everything is the same.
/// </remarks>
public sealed class Negotiator
{
    private const TcpFlags HandshakeFlags = TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst | TcpFlags.Fin;

    /// <summary>A SYN that comes sooner after another is no repetition by time-out (RFC 6298 section 2: 1 s), but a copy.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider _time;
    private readonly ContextLedger _contexts;
    private readonly ClientUpgrades _upgrades;
    private NegotiationState _state;

    /// <param name="state">Shared with the other packet threads.</param>
    /// <param name="maxContexts">This thread's part of <see cref="NegotiationOptions.MaxContexts"/>.</param>
    /// <param name="maxHalfOpen">This thread's part of <see cref="NegotiationOptions.MaxHalfOpen"/>, at least 1.</param>
    /// <param name="time">The clock.</param>
    /// <param name="historyLength">Decisions that <see cref="History"/> remembers.</param>
    public Negotiator(NegotiationState state, int maxContexts, int maxHalfOpen, TimeProvider time, int historyLength = 64)
    {
        History = new DecisionHistory(historyLength, time);
        _state = state;
        _time = time;
        _contexts = new ContextLedger(maxContexts, maxHalfOpen, History, time);
        _upgrades = new ClientUpgrades(_contexts, Bypassed, time);
    }

    /// <summary>What decisions are made by; any thread may replace it, and the next segment is decided by the new one.</summary>
    public NegotiationState State
    {
        get => Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, value);
    }

    /// <summary>Contexts kept now; may be read by any thread.</summary>
    public int ContextCount => _contexts.Count;

    /// <summary>Contexts ever created; may be read by any thread.</summary>
    public long ContextsCreated => _contexts.Created;

    /// <summary>Whether handshakes were given up that <see cref="TakeAbandoned"/> has not handed over yet.</summary>
    public bool HasAbandoned => _contexts.HasAbandoned;

    /// <summary>SYNs for which no context was made, and what was kept off its way, by reason.</summary>
    public EventCounters<Reason> Bypassed { get; } = new();

    /// <summary>Contexts that ended, by reason.</summary>
    public EventCounters<Reason> Released => _contexts.Released;

    /// <summary>What became of claims: own ones made, others' respected or refused, by reason.</summary>
    public EventCounters<Reason> Claims { get; } = new();

    /// <summary>The latest decisions: whoever carries one out adds it; contexts that end without a segment are added here.</summary>
    public DecisionHistory History { get; }

    /// <summary>Decides on a segment that is being forwarded.</summary>
    public Decision Decide(in TcpPacket segment) => (segment.Flags & HandshakeFlags) switch
    {
        TcpFlags.Syn => OnSyn(in segment),
        TcpFlags.Syn | TcpFlags.Ack => OnSynAck(in segment),
        TcpFlags.Rst or (TcpFlags.Rst | TcpFlags.Ack) => OnReset(in segment),
        _ => Decision.Forward(Reason.NotHandshake),
    };

    /// <summary>
    /// Decides on what the box's own kernel sends in a server's name: a SYN/ACK, which tells the client that a proxy acts, or the
    /// RST for a segment that it could not place.
    /// </summary>
    public Decision DecideOwn(in TcpPacket segment) => (segment.Flags & HandshakeFlags) switch
    {
        TcpFlags.Syn | TcpFlags.Ack => OnOwnSynAck(in segment),
        TcpFlags.Rst => OnOwnReset(in segment),
        _ => Decision.Forward(Reason.NotHandshake),
    };

    /// <summary>Decides on a packet that is no well-formed TCP segment.</summary>
    public Decision DecideMalformed() => Bypass(Reason.MalformedPacket);

    /// <summary>Decides on a segment of a handshake that is too long to be free of data.</summary>
    public Decision DecideWithData() => Bypass(Reason.SynWithData);

    /// <summary>The box was to act but cannot: it stays out after all.</summary>
    public void StayOut(Handshake handshake, Reason reason)
    {
        if (handshake.TrySettle(reason))
            _contexts.ReleaseSettled();
    }

    /// <summary>The box's own connection to a server has come out, for a client that does not speak MPTCP.</summary>
    /// <returns>
    /// <see cref="Verdict.Act"/> to let the own kernel answer the client, <see cref="Verdict.Forward"/> to send the client's SYN on instead
    /// and <see cref="StayOut"/>, <see cref="Verdict.Discard"/> if nobody waits for it any more.
    /// </returns>
    public Verdict DecideDialled(Handshake handshake, DialOutcome outcome) => _upgrades.OnDialled(handshake, outcome, State);

    /// <summary>Counts a packet that the box had kept or taken off its way, and what became of it.</summary>
    public void CountKept(Reason reason) => Bypassed.Add(reason);

    /// <summary>A claim found no room in the options of its segment, so the implicit scheme decides on this connection.</summary>
    public void ForgoClaim(in FlowKey flow)
    {
        Claims.Add(Reason.NoRoomForClaim);
        if (_contexts.TryFind(in flow, out var slot))
            _contexts[slot].ClaimedBy = null;
    }

    /// <summary>
    /// Forgets what has been settled elsewhere and what has waited too long. To be called some ten times a second.
    /// </summary>
    /// <param name="abandoned">Receives the handshakes that the client did not complete: the server is to be told.</param>
    public void Sweep(ICollection<Handshake> abandoned)
    {
        var state = State;
        _contexts.Sweep(state.Options);
        TakeAbandoned(abandoned);
        foreach (var handshake in abandoned)
        {
            // What is known of a server that does not answer may be the reason: the next SYN asks anew.
            if (handshake.Outcome == Reason.DialUnanswered)
                state.Servers.Forget(handshake.Flow.Server);
        }
    }

    /// <summary>Hands over, once, what was given up. The server is to be told before the segment goes on that was the cause.</summary>
    public void TakeAbandoned(ICollection<Handshake> abandoned) => _contexts.TakeAbandoned(abandoned);

    /// <summary>
    /// Packets have passed undecided, and an answer that one of the servers repeats may have reached its client before: to act on it would break the
    /// connection. Those contexts end, their connections go on as they are.
    /// </summary>
    public void ForgetUnanswered() => _contexts.ReleaseUnanswered(Reason.StoodStill);

    /// <summary>Ends everything, because the box is shutting down.</summary>
    public void Stop(ICollection<Handshake> abandoned)
    {
        _contexts.ReleaseAll(Reason.Stopped);
        TakeAbandoned(abandoned);
    }

    private Decision OnSyn(in TcpPacket syn)
    {
        var options = HandshakeOptions.Read(syn.Options);
        var flow = syn.FlowFromClient;
        var isKnown = _contexts.TryFind(in flow, out var slot);
        if (isKnown && _contexts[slot].ClientIsn == syn.Sequence)
            return OnRepeatedSyn(slot, in options);
        // The client has forgotten the earlier attempt. If the box acts on it, the server is told before it sees the new SYN, which it
        // would answer with an acknowledgment of the old one (RFC 9293 section 3.10.7.4); the client's RST in reply would end at
        // the box's own half of the handshake. If the box does not act, client and server settle it in that way by themselves.
        // The same for a connection that is relayed: its segments are its sockets' as long as these live, so the client's is gone.
        if (State.Relayed.Contains(in flow))
            return new Decision(Verdict.Defer, Reason.EarlierFlowEnding);
        if (isKnown)
            _contexts.Release(slot, Reason.ReplacedBySyn);

        return options.HasMpJoin && !options.Malformed
            ? OnJoin(options.MpJoinToken, flow.Server)
            : OnNewSyn(in syn, in options, in flow);
    }

    private Decision OnNewSyn(in TcpPacket syn, in HandshakeOptions options, in FlowKey flow)
    {
        var state = State;
        if (state.IsStopping)
            return Bypass(Reason.Stopped);
        var bypass = SynAssessment.ReasonToBypass(in syn, in options, knowsClaimBit: state.Explicit is not null);
        if (bypass == Reason.NotMptcp && !options.HasMptcp)
            return _upgrades.OnNewSyn(in syn, in options, in flow, state);
        if (bypass != Reason.None)
            return Bypass(bypass);
        var rule = state.Policy.Find(in flow);
        if (rule.Action == PolicyAction.Bypass)
            return Bypass(Reason.PolicyBypass);
        if (state.DroppingServers.Contains(flow.Server))
            return Bypass(Reason.ServerDropsMptcp, SegmentEdits.BlankMpCapable | SegmentEdits.RemoveClaim);

        var others = ClaimFinding.Absent;
        var claim = default(ProxyClaim);
        if (state.Explicit is { } settings)
            others = SynClaims.Read(in syn, in options, settings, out claim);
        var edits = SegmentEdits.None;
        if (others == ClaimFinding.Rejected)
        {
            Claims.Add(Reason.ClaimRejected);
            edits = SegmentEdits.RemoveClaim;
        }

        var preference = rule.Preference ?? state.Explicit?.Preference ?? 0;
        if (rule.Action == PolicyAction.Defer)
            bypass = Reason.PolicyDefer;
        else if (others == ClaimFinding.Valid && preference <= claim.Preference)
            bypass = Reason.ClaimedByOther;
        else if (!FlowShare.Includes(in flow, rule.Share))
            bypass = Reason.NotInShare;
        else
            rule.Admission?.TryAdmit(out bypass);
        if (bypass != Reason.None)
            return Bypass(bypass, edits);
        var now = _time.GetTimestamp();
        if (!_contexts.TryAdd(in flow, now, state.Options, out var slot, out bypass))
        {
            rule.Admission?.Release();
            return Bypass(bypass, edits);
        }

        ref var context = ref _contexts[slot];
        context.Remember(in syn, in options);
        context.Begun = now;
        context.Admission = rule.Admission;
        context.ClaimedBy = state.Explicit;
        context.RemovesClaim = others != ClaimFinding.Absent;
        context.Preference = preference;
        if (context.ClaimedBy is null)
            return ServedSyn.Forward(in context, Reason.Served);
        var reason = others == ClaimFinding.Valid ? Reason.ClaimReplaced : Reason.Claimed;
        Claims.Add(reason);
        return ServedSyn.Forward(in context, reason);
    }

    private Decision OnRepeatedSyn(int slot, in HandshakeOptions options)
    {
        ref var context = ref _contexts[slot];
        if (context.State is ContextState.AwaitingClient or ContextState.Adopted)
        {
            // Our SYN/ACK was lost: the kernel, which has the half-open connection, answers again. Or the SYN was late: it is answered as one for a connection that lives.
            return new Decision(Verdict.Divert, Reason.RepeatedSyn);
        }

        if (context.State == ContextState.Dialling)
            return new Decision(Verdict.Discard, Reason.RepeatedSyn);
        if (options.MpCapable != MpCapableKind.Version1 && !context.OffersMptcp)
        {
            _contexts.Release(slot, Reason.ClientGaveUpMptcp, isTold: true);
            return Decision.Forward(Reason.ClientGaveUpMptcp);
        }

        var now = _time.GetTimestamp();
        var silence = now - context.Since;
        _contexts.Renew(slot, ContextState.AwaitingServer, now);
        var hadTime = _time.GetElapsedTime(0, silence) >= Silence;
        if (context.OffersMptcp)
            return _upgrades.OnRepeatedSyn(slot, in options, hadTime, State.Options.RepeatsWithMpCapable);
        if (context.Repeats < State.Options.RepeatsWithMpCapable)
        {
            context.Repeats++;
            context.Timestamps.Repeat(in options);
            return ServedSyn.Forward(in context, Reason.RepeatedSyn);
        }

        if (!context.MpCapableRemoved)
            context.RemovedAfterSilence = hadTime;
        context.MpCapableRemoved = true;
        return ServedSyn.ForwardWithoutMpCapable(in context, Reason.RepeatedSyn);
    }

    private Decision OnJoin(uint token, in HostEndpoint destination)
    {
        var tokens = State.Tokens;
        if (tokens.Serves(token, in destination))
            return new Decision(Verdict.Divert, Reason.OwnJoin);
        return tokens.IsExpectedFor(in destination)
            ? new Decision(Verdict.Defer, Reason.EarlyJoin)
            : Bypass(Reason.ForeignJoin);
    }

    private Decision OnSynAck(in TcpPacket synAck)
    {
        var flow = synAck.FlowFromServer;
        if (!_contexts.TryFind(in flow, out var slot))
            return Decision.Forward(Reason.NoContext);

        ref var context = ref _contexts[slot];
        if (synAck.Acknowledgment != unchecked(context.ClientIsn + 1))
            return Decision.Forward(Reason.AcknowledgmentMismatch);
        if (context.State != ContextState.AwaitingServer)
            return new Decision(Verdict.Discard, Reason.RepeatedSynAck);

        var options = HandshakeOptions.Read(synAck.Options);
        if (context.OffersMptcp)
            return _upgrades.OnSynAck(slot, in options, State);
        if (options.MpCapable != MpCapableKind.None)
            return OnMptcpAnswer(slot, in synAck, in options);
        if (options.Malformed)
            return ReleaseAndForward(slot, Reason.MalformedOptions);
        if (context.Timestamps.IsForEarlierSyn(in options))
            return ReleaseAndForward(slot, Reason.EarlierSynAnswered);
        if (context.MpCapableRemoved && !context.Timestamps.IsForCapableSyn(in options))
        {
            if (context.RemovedAfterSilence)
                State.DroppingServers.ReportDropped(flow.Server);
            return ReleaseAndForward(slot, Reason.MpCapableDropped);
        }

        State.DroppingServers.ReportAnswered(flow.Server);
        if (!_contexts.HasRoomForHalfOpen())
            return ReleaseAndForward(slot, Reason.HalfOpenLimit);

        context.Handshake = new Handshake(in context, in synAck, _contexts.Settled);
        _contexts.Renew(slot, ContextState.AwaitingClient, _time.GetTimestamp());
        return new Decision(Verdict.Act, Reason.ServerLegacy, Handshake: context.Handshake);
    }

    /// <summary>A capable server answered, or a proxy nearer to it, which may tell so.</summary>
    private Decision OnMptcpAnswer(int slot, in TcpPacket synAck, in HandshakeOptions options)
    {
        if (!_contexts[slot].MpCapableRemoved)
            State.DroppingServers.ReportAnswered(synAck.FlowFromServer.Server);
        if (_contexts[slot].ClaimedBy is not { } settings)
            return ReleaseAndForward(slot, Reason.ServerCapable);
        var claim = SynAckClaims.Read(in synAck, in options, settings.Keys, settings.AcceptUnsigned, out _);
        if (claim != ClaimFinding.Rejected)
            return ReleaseAndForward(slot, claim == ClaimFinding.Valid ? Reason.OtherProxyActed : Reason.ServerCapable);
        Claims.Add(Reason.ClaimRejected);
        return ReleaseAndForward(slot, Reason.ServerCapable, SegmentEdits.RemoveClaim);
    }

    private Decision OnOwnSynAck(in TcpPacket synAck)
    {
        var flow = synAck.FlowFromServer;
        if (!_contexts.TryFind(in flow, out var slot) || _contexts[slot].ClaimedBy is not { } settings)
            return Decision.Forward(Reason.NoContext);
        if (settings.Carrier == ClaimCarrier.CapableBit)
            return Decision.Forward(Reason.OwnSynAck, SegmentEdits.SetClaimBit);

        var options = HandshakeOptions.Read(synAck.Options);
        var claim = new ProxyClaim(settings.ProxyId, _contexts[slot].Preference);
        return SynAckClaims.TryWrite(in synAck, in options, claim, settings.Keys, out var option)
            ? new Decision(Verdict.Forward, Reason.OwnSynAck, SegmentEdits.AppendClaim, option)
            : Decision.Forward(Reason.NoContext);
    }

    private Decision OnReset(in TcpPacket reset)
    {
        var flow = reset.FlowFromServer;
        if (!_contexts.TryFind(in flow, out var slot))
            return Decision.Forward(Reason.NoContext);
        if (_contexts[slot].State != ContextState.AwaitingServer)
            return HoldBackReset();
        // Only a RST that acknowledges the SYN ends the attempt (RFC 9293 section 3.10.7.3); any other may be forged.
        if ((reset.Flags & TcpFlags.Ack) == 0
            || reset.Acknowledgment != unchecked(_contexts[slot].ClientIsn + 1))
            return Decision.Forward(Reason.NoContext);
        return ReleaseAndForward(slot, Reason.ServerRefused);
    }

    private Decision OnOwnReset(in TcpPacket reset)
    {
        var flow = reset.FlowFromServer;
        return _contexts.TryFind(in flow, out var slot) && _contexts[slot].State is ContextState.AwaitingClient or ContextState.Adopted
            ? HoldBackReset()
            : Decision.Forward(Reason.NoContext);
    }

    /// <summary>
    /// The kernel looks sockets up without a lock, and once in a great while misses one that is just being replaced, the half-open one
    /// by the one that is connected. The client's segment then goes on to the server, which knows nothing of that connection yet, or
    /// to the listener here, and either answers it with a RST (RFC 9293 section 3.10.7.4). The client repeats the segment, unless it
    /// hears of that.
    /// </summary>
    private Decision HoldBackReset()
    {
        Bypassed.Add(Reason.EarlyReset);
        return new Decision(Verdict.Discard, Reason.EarlyReset);
    }

    private Decision Bypass(Reason reason, SegmentEdits edits = SegmentEdits.None)
    {
        Bypassed.Add(reason);
        return Decision.Forward(reason, edits);
    }

    private Decision ReleaseAndForward(int slot, Reason reason, SegmentEdits edits = SegmentEdits.None)
    {
        _contexts.Release(slot, reason, isTold: true);
        return Decision.Forward(reason, edits);
    }
}
