using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Upgrades;

/// <summary>
/// Decides on clients that do not speak MPTCP, where the policy wants it for them (docs/legacy-clients.md): a server of which nothing is
/// known is offered MP_CAPABLE in the client's own SYN (RFC 8684 section 3.1), one that is known to be capable is dialled by the box.
/// Part of a <see cref="Negotiator"/>, and owned by its thread.
/// </summary>
internal sealed class ClientUpgrades(ContextLedger contexts, EventCounters<Reason> bypassed, TimeProvider time)
{
    /// <summary>The first SYN of a client, without any MPTCP option and with nothing that forbids to act.</summary>
    public Decision OnNewSyn(in TcpPacket syn, in HandshakeOptions options, in FlowKey flow, NegotiationState state)
    {
        var rule = state.Policy.Find(in flow);
        if (!rule.UpgradeClients)
            return Bypass(Reason.NotMptcp);
        if (!FlowShare.Includes(in flow, rule.Share))
            return Bypass(Reason.NotInShare);
        var capability = state.Servers.Find(flow.Server);
        if (capability is ServerCapability.Legacy or ServerCapability.DropsMpCapable)
            return Bypass(Reason.ServerKnownLegacy);
        var isCapable = capability == ServerCapability.Capable;
        if (!isCapable && !TcpPacketEditor.HasRoomForOption(syn.Options, MptcpConstants.CapableSynLength))
            return Bypass(Reason.NoRoomForMpCapable);
        if (isCapable && !contexts.HasRoomForHalfOpen())
            return Bypass(Reason.HalfOpenLimit);
        var now = time.GetTimestamp();
        if (!contexts.TryAdd(in flow, now, state.Options, out var slot, out var refusal))
            return Bypass(refusal);

        ref var context = ref contexts[slot];
        context.Remember(in syn, in options);
        context.Begun = now;
        if (isCapable)
            return Dial(slot, rule, Verdict.Dial, Reason.ServerKnownCapable);
        context.OffersMptcp = true;
        return Decision.Forward(Reason.MptcpOffered, SegmentEdits.AddMpCapable);
    }

    /// <summary>The client's SYN again, while its server has not answered the offer.</summary>
    /// <param name="slot">Its context.</param>
    /// <param name="options">Options of the SYN.</param>
    /// <param name="hadTime">Whether the server had the time to answer the one before.</param>
    /// <param name="repeatsWithMpCapable">See <see cref="NegotiationOptions.RepeatsWithMpCapable"/>.</param>
    public Decision OnRepeatedSyn(int slot, in HandshakeOptions options, bool hadTime, int repeatsWithMpCapable)
    {
        ref var context = ref contexts[slot];
        if (context.Repeats < repeatsWithMpCapable)
        {
            context.Repeats++;
            context.Timestamps.Repeat(in options);
            return Decision.Forward(Reason.RepeatedSyn, SegmentEdits.AddMpCapable);
        }

        if (!context.MpCapableRemoved)
            context.RemovedAfterSilence = hadTime;
        context.MpCapableRemoved = true;
        return Decision.Forward(Reason.RepeatedSyn);
    }

    /// <summary>The server's answer to a SYN in which it was offered MPTCP.</summary>
    public Decision OnSynAck(int slot, in HandshakeOptions options, NegotiationState state)
    {
        ref var context = ref contexts[slot];
        var flow = context.Flow;
        if (options.Malformed)
            return ReleaseAndForward(slot, Reason.MalformedOptions);
        // With other flags the box's own kernel would take it for no MP_CAPABLE when it dials, such as with a proxy's bit (docs/explicit.md).
        if (options.MpCapable == MpCapableKind.Version1
            && (options.MpCapableFlags & MpCapableFlags.LinuxChecked) == MpCapableFlags.HmacSha256)
        {
            state.Servers.Learn(flow.Server, ServerCapability.Capable);
            // If there is no room, the client ignores MP_CAPABLE and the server takes its ACK for a fallback to TCP (RFC 8684 section 3.7).
            return contexts.HasRoomForHalfOpen()
                ? Dial(slot, state.Policy.Find(in flow), Verdict.Redial, Reason.ServerProvedCapable)
                : ReleaseAndForward(slot, Reason.HalfOpenLimit);
        }

        if (context.Timestamps.IsForEarlierSyn(in options))
            return ReleaseAndForward(slot, Reason.EarlierSynAnswered);
        if (context.MpCapableRemoved && !context.Timestamps.IsForCapableSyn(in options))
        {
            if (context.RemovedAfterSilence)
                state.Servers.Learn(flow.Server, ServerCapability.DropsMpCapable);
            return ReleaseAndForward(slot, Reason.MpCapableDropped);
        }

        state.Servers.Learn(flow.Server, ServerCapability.Legacy);
        return ReleaseAndForward(slot, Reason.OfferDeclined);
    }

    /// <summary>The box's own connection to the server has come out.</summary>
    /// <returns>
    /// <see cref="Verdict.Act"/> to let the own kernel answer the client, <see cref="Verdict.Forward"/> to send the client's SYN on in its place,
    /// <see cref="Verdict.Discard"/> if nobody waits for it any more.
    /// </returns>
    public Verdict OnDialled(Handshake handshake, DialOutcome outcome, NegotiationState state)
    {
        // Also if the client has gone meanwhile: it is true of the server all the same.
        if (outcome != DialOutcome.Mptcp)
            state.Servers.Forget(handshake.Flow.Server);
        if (!contexts.TryFind(handshake.Flow, out var slot) || !ReferenceEquals(contexts[slot].Handshake, handshake))
            return Verdict.Discard;
        if (outcome == DialOutcome.Failed)
            return Verdict.Forward;
        if (outcome == DialOutcome.Tcp)
            bypassed.Add(Reason.DialFellBack);
        contexts.Renew(slot, ContextState.AwaitingClient, time.GetTimestamp());
        return Verdict.Act;
    }

    private Decision Dial(int slot, PolicyRule rule, Verdict verdict, Reason reason)
    {
        ref var context = ref contexts[slot];
        var refusal = Reason.None;
        if (rule.Admission?.TryAdmit(out refusal) == false)
            return ReleaseAndForward(slot, refusal);
        context.Admission = rule.Admission;
        context.Handshake = new Handshake(in context, contexts.Settled);
        contexts.Renew(slot, ContextState.Dialling, time.GetTimestamp());
        return new Decision(verdict, reason, Handshake: context.Handshake);
    }

    private Decision Bypass(Reason reason)
    {
        bypassed.Add(reason);
        return Decision.Forward(reason);
    }

    private Decision ReleaseAndForward(int slot, Reason reason)
    {
        contexts.Release(slot, reason, isTold: true);
        return Decision.Forward(reason);
    }
}
