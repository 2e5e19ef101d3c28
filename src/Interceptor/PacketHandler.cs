using Middlebox.Interceptor.Dialling;
using Middlebox.Interceptor.Injection;
using Middlebox.Interceptor.Queue;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Interceptor;

/// <summary>
/// A packet's way: bytes to segment, segment to decision, decision applied to the bytes. Owned by one packet thread. It
/// knows nothing of queues and sockets, so that each row of the protocol is tested on bytes.
/// </summary>
/// <remarks>
/// Whatever cannot be carried out ends in the packet being forwarded: a box that cannot act stays out of the way.
/// </remarks>
internal sealed class PacketHandler(
    Negotiator negotiator, IHandshakeTaker taker, PacketSinks sinks, DeferredPackets deferred, DialResults dials)
{
    // A claim that is appended may grow the header by as much.
    private const int ClaimRoom = 16;

    private readonly byte[] _changed = new byte[NfqueueSocket.CopiedLength + ClaimRoom];
    private int _changedLength;
    private readonly List<Handshake> _abandoned = [];

    /// <summary>Whether packets are kept for which <see cref="RetryDeferred"/> is to be called.</summary>
    public bool HasDeferred => deferred.Count > 0;

    /// <summary>The packet that goes on instead, after <see cref="PacketOutcome.AcceptChanged"/>; valid until the next one is handled.</summary>
    public ReadOnlySpan<byte> Changed => _changed.AsSpan(0, _changedLength);

    /// <summary>Handles one packet, beginning at its IP header.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="hook">Where it was queued.</param>
    public PacketOutcome Handle(ReadOnlySpan<byte> packet, PacketHook hook)
    {
        if (TcpPacket.Read(packet, out var segment) != PacketDefect.None)
        {
            negotiator.DecideMalformed();
            return PacketOutcome.Accept;
        }

        var decision = hook == PacketHook.LocalOut ? negotiator.DecideOwn(in segment) : Decide(in segment);
        if (decision.Verdict != Verdict.Defer)
            negotiator.History.Add(in segment, in decision);
        switch (decision.Verdict)
        {
            case Verdict.Act:
                return Act(decision.Handshake!);
            case Verdict.Dial:
                return Dial(decision.Handshake!) ? PacketOutcome.Drop : PacketOutcome.Accept;
            case Verdict.Redial:
                Redial(decision.Handshake!);
                return PacketOutcome.Drop;
            case Verdict.Divert:
                return Divert(segment.Bytes);
            case Verdict.Defer:
                if (deferred.TryKeep(segment.Bytes))
                    return PacketOutcome.Drop;
                negotiator.CountKept(ReasonToPass(decision.Reason));
                return PacketOutcome.Accept;
            case Verdict.Discard:
                return PacketOutcome.Drop;
            default:
                return decision.Edits == SegmentEdits.None ? PacketOutcome.Accept : Edit(in segment, in decision);
        }
    }

    /// <summary>Handles a packet of which only the beginning is here: a handshake that carries data.</summary>
    public PacketOutcome HandleCut()
    {
        negotiator.DecideWithData();
        return PacketOutcome.Accept;
    }

    /// <summary>Goes on with the connections whose servers were dialled.</summary>
    public void HandleDials()
    {
        while (dials.TryTake(out var dial))
        {
            var verdict = negotiator.DecideDialled(dial.Handshake, dial.Outcome);
            if (verdict == Verdict.Act && !Inject(dial.Handshake))
                SendInstead(dial.Handshake, Reason.InjectionFailed);
            else if (verdict == Verdict.Forward)
                SendInstead(dial.Handshake, Reason.DialFailed);
        }
    }

    /// <summary>Ends what has waited too long. To be called some ten times a second.</summary>
    public void Sweep()
    {
        negotiator.Sweep(_abandoned);
        GiveUpAbandoned();
    }

    /// <summary>Forgets the connections whose servers have not answered as far as this thread knows: their answers may have passed it.</summary>
    public void ForgetUnanswered() => negotiator.ForgetUnanswered();

    /// <summary>Ends everything, because the box is shutting down.</summary>
    public void Stop()
    {
        negotiator.Stop(_abandoned);
        GiveUpAbandoned();
        while (deferred.Count > 0)
            PassOn(deferred.Take().Bytes, Reason.JoinUnresolved);
    }

    /// <summary>
    /// Asks again about the packets kept, and forwards those about which nothing was learnt in time. To be called every few
    /// milliseconds as long as there are any.
    /// </summary>
    public void RetryDeferred()
    {
        for (var remaining = deferred.Count; remaining > 0; remaining--)
        {
            var kept = deferred.Take();
            if (TcpPacket.Read(kept.Bytes, out var segment) == PacketDefect.None)
                Retry(kept, in segment);
        }
    }

    private void Retry(DeferredPackets.Kept kept, in TcpPacket segment)
    {
        var decision = Decide(in segment);
        if (decision.Verdict == Verdict.Defer && !deferred.HasExpired(kept))
        {
            deferred.Return(kept);
            return;
        }

        // Only now: what is asked a hundred times over is one decision.
        negotiator.History.Add(in segment, in decision);
        if (decision.Verdict == Verdict.Divert)
        {
            if (sinks.Kernel.TrySend(kept.Bytes))
                return;
            if (deferred.HasExpired(kept))
                negotiator.CountKept(Reason.DeliveryFailed);
            else
                deferred.Return(kept);
        }
        else if (decision.Verdict != Verdict.Discard && !(decision.Verdict == Verdict.Dial && Dial(decision.Handshake!)))
        {
            // Of what has been decided after all, the negotiator has said so itself.
            var isChanged = decision.Edits != SegmentEdits.None && Edit(in segment, in decision) == PacketOutcome.AcceptChanged;
            PassOn(isChanged ? Changed : kept.Bytes, decision.Verdict == Verdict.Defer ? ReasonToPass(decision.Reason) : Reason.None);
        }
    }

    private Decision Decide(in TcpPacket segment)
    {
        var decision = negotiator.Decide(in segment);
        if (negotiator.HasAbandoned)
        {
            negotiator.TakeAbandoned(_abandoned);
            GiveUpAbandoned();
        }

        return decision;
    }

    /// <summary>Why a packet passes of which nothing more was learnt, or for which there is no room to wait.</summary>
    private static Reason ReasonToPass(Reason reasonToWait) =>
        reasonToWait == Reason.EarlierFlowEnding ? Reason.EarlierFlowRemains : Reason.JoinUnresolved;

    private void PassOn(ReadOnlySpan<byte> packet, Reason reason)
    {
        if (!sinks.Network.TrySend(packet))
            reason = Reason.DeliveryFailed;
        if (reason != Reason.None)
            negotiator.CountKept(reason);
    }

    /// <summary>
    /// Delivers a packet to the own kernel, if need be after a while. It is for nobody else: a server that got the SYN would answer it as the
    /// stranger to MPTCP that it is, and the client would give up the subflow for good. One that is lost is repeated.
    /// </summary>
    private PacketOutcome Divert(ReadOnlySpan<byte> packet)
    {
        if (!sinks.Kernel.TrySend(packet) && !deferred.TryKeep(packet))
            negotiator.CountKept(Reason.DeliveryFailed);
        return PacketOutcome.Drop;
    }

    private PacketOutcome Act(Handshake handshake)
    {
        if (taker.TryTake(handshake, out var refusal))
        {
            if (Inject(handshake))
                return PacketOutcome.Drop;
            taker.GiveUp(handshake);
            refusal = Reason.InjectionFailed;
        }

        negotiator.StayOut(handshake, refusal);
        return PacketOutcome.Accept;
    }

    /// <returns>False if the box stays out.</returns>
    private bool Dial(Handshake handshake)
    {
        if (taker.TryDial(handshake, dials, out var refusal))
            return true;
        negotiator.StayOut(handshake, refusal);
        return false;
    }

    private void Redial(Handshake handshake)
    {
        // Before the SYN of the dial, which the server would answer with an acknowledgment of this one (RFC 9293 section 3.10.7.4).
        Span<byte> packet = stackalloc byte[Handshake.MaximumSynLength];
        _ = sinks.ServerLeg.TrySend(packet[..handshake.WriteReset(packet)]);
        if (!Dial(handshake))
            _ = sinks.Network.TrySend(packet[..handshake.WriteSyn(packet)]);
    }

    /// <summary>
    /// The client's own SYN goes to the server after all: what the server and the routers before it say to that is what the client would
    /// have heard without the box.
    /// </summary>
    private void SendInstead(Handshake handshake, Reason reason)
    {
        taker.GiveUp(handshake);
        negotiator.StayOut(handshake, reason);
        Span<byte> syn = stackalloc byte[Handshake.MaximumSynLength];
        // The client repeats it if it is lost.
        _ = sinks.Network.TrySend(syn[..handshake.WriteSyn(syn)]);
    }

    private bool Inject(Handshake handshake)
    {
        Span<byte> syn = stackalloc byte[Handshake.MaximumSynLength];
        return sinks.Kernel.TrySend(syn[..handshake.WriteSyn(syn)]);
    }

    private void GiveUpAbandoned()
    {
        Span<byte> reset = stackalloc byte[Handshake.MaximumSynLength];
        foreach (var handshake in _abandoned)
        {
            taker.GiveUp(handshake);
            var length = handshake.WriteReset(reset);
            // The own kernel would go on answering the client for a minute, and would take the new SYN of a client that uses the same
            // addresses and ports for a segment of the old connection.
            _ = sinks.Kernel.TrySend(reset[..length]);
            // What was dialled has ended with its socket.
            if (handshake.IsDialled)
                continue;
            // The server repeats its SYN/ACK for a minute if this is lost, and then gives up by itself.
            _ = sinks.ServerLeg.TrySend(reset[..length]);
        }

        _abandoned.Clear();
    }

    private PacketOutcome Edit(in TcpPacket segment, in Decision decision)
    {
        if (segment.Bytes.Length > _changed.Length - ClaimRoom)
            return PacketOutcome.Accept;
        segment.Bytes.CopyTo(_changed);
        _changedLength = segment.Bytes.Length;
        if (SegmentEditor.TryApply(_changed, ref _changedLength, segment.TcpOffset, in decision))
            return PacketOutcome.AcceptChanged;

        var flow = (segment.Flags & TcpFlags.Ack) != 0 ? segment.FlowFromServer : segment.FlowFromClient;
        negotiator.ForgoClaim(in flow);
        return PacketOutcome.AcceptChanged;
    }
}
