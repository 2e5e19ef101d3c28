using System.Collections.Concurrent;
using Middlebox.Interceptor.Injection;
using Middlebox.Interceptor.Tracking;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Interceptor.Addressed;

/// <summary>
/// The connections of hosts that have named legacy servers, on which the box acts: from the server's SYN/ACK, which is held back, until the host has completed its handshake with
/// the box's own kernel, or has not in time. Owned by one thread; knows nothing of queues and sockets.
/// </summary>
/// <remarks>
/// The entry by which the connection was translated gives way to one of the box's own connection to the server. From then on nothing leads back to the translation: where the
/// rest fails, the host repeats its SYN, and all begins anew.
/// </remarks>
internal sealed class AddressedHandshakes(
    IHandshakeTaker taker,
    IConnectionTracking tracking,
    IPacketSink kernel,
    IPacketSink server,
    PacketMarks marks,
    NegotiationOptions options,
    AddressedCounters counters,
    DecisionHistory history,
    TimeProvider time)
{
    private readonly ConcurrentQueue<Handshake> _settled = new();
    private readonly Dictionary<FlowKey, LinkedListNode<Waiting>> _waiting = [];
    private readonly LinkedList<Waiting> _oldestFirst = new();
    private readonly SourceCounts _sources = new();
    private volatile NegotiationOptions _options = options;
    private volatile bool _isRetired;

    /// <summary>From now on other limits hold. Any thread may call.</summary>
    public void Adopt(NegotiationOptions next) => _options = next;

    /// <summary>From now on the box acts on no further connections: they are translated. Any thread may call.</summary>
    public void Retire() => _isRetired = true;

    /// <summary>Acts on a connection, if the segment is the answer of a legacy server and the box can.</summary>
    /// <returns>
    /// <see cref="Reason.NamedServerLegacy"/> if it does: the segment is to be dropped, and the promotion has ended. Otherwise the connection goes on as it is:
    /// <see cref="Reason.None"/> for any other segment, or why the box cannot act.
    /// </returns>
    public Reason Begin(Promotion promotion, in TcpPacket synAck)
    {
        if (!promotion.IsLegacyAnswer(in synAck) || !tracking.TryFind(promotion.Addressed, out var entry))
            return Reason.None;
        if (FindLimit(promotion.Addressed) is var limit and not Reason.None)
            return Refuse(promotion, in synAck, limit);
        promotion.Translated = entry.AnswersTo;
        var handshake = promotion.ToHandshake(in synAck, _settled);
        if (!taker.TryTake(handshake, out var refusal))
        {
            handshake.TrySettle(refusal);
            return Refuse(promotion, in synAck, refusal);
        }

        promotion.Act();
        history.Add(promotion.Route, promotion.Addressed.Server, in synAck, Verdict.Act, Reason.NamedServerLegacy);
        _sources.Add(handshake.Flow);
        _waiting[handshake.Flow] = _oldestFirst.AddLast(new Waiting(handshake, time.GetTimestamp()));
        counters.Handshakes = _waiting.Count;
        if (!TryTakeOver(handshake) || !TryDeliverSyn(handshake))
            GiveUp(handshake, Reason.InjectionFailed);
        return Reason.NamedServerLegacy;
    }

    /// <summary>Handles a SYN with the addresses and ports of a connection on which the box acts.</summary>
    /// <returns>True if it is a repetition, which is delivered to the kernel and is to be dropped; false if it begins a connection.</returns>
    public bool TryRepeat(in TcpPacket syn)
    {
        if (!_waiting.TryGetValue(syn.FlowFromClient, out var waiting))
            return false;
        var handshake = waiting.Value.Handshake;
        if (handshake.ClientIsn != syn.Sequence)
        {
            GiveUp(handshake, Reason.ReplacedBySyn);
            return false;
        }

        history.Add(handshake.Route, handshake.Flow.Server, in syn, Verdict.Divert, Reason.RepeatedSyn);
        // The kernel, which has the half-open connection, answers again.
        _ = TryDeliverSyn(handshake);
        return true;
    }

    /// <summary>Tells the host, in the SYN/ACK of the box's own kernel, that the box acts.</summary>
    /// <param name="buffer">The packet and room to grow.</param>
    /// <param name="synAck">The packet.</param>
    /// <returns>Octets of the packet now; as many as before if the SYN/ACK is of a subflow, or has no room.</returns>
    public int Declare(Span<byte> buffer, in TcpPacket synAck)
    {
        var length = synAck.Bytes.Length;
        if (!_waiting.ContainsKey(synAck.FlowFromServer) || HandshakeOptions.Read(synAck.Options).MpCapable != MpCapableKind.Version1)
            return length;
        Span<byte> option = stackalloc byte[default(ActingOption).Length];
        default(ActingOption).Write(option);
        return TcpPacketEditor.TryAppendOption(buffer, length, synAck.TcpOffset, option, out var longer) ? longer : length;
    }

    /// <summary>Forgets what is settled, and gives up what has waited too long. To be called some ten times a second.</summary>
    public void Round()
    {
        ForgetSettled();
        while (TryGiveUpOldest(_options.ClientTimeout, Reason.ClientVanished))
        {
        }
    }

    /// <summary>Gives everything up, because the box is shutting down.</summary>
    public void Stop()
    {
        while (TryGiveUpOldest(TimeSpan.Zero, Reason.Stopped))
        {
        }
    }

    private Reason Refuse(Promotion promotion, in TcpPacket synAck, Reason refusal)
    {
        counters.HandshakesEnded.Add(refusal);
        history.Add(promotion.Route, promotion.Addressed.Server, in synAck, Verdict.Forward, refusal);
        return refusal;
    }

    /// <summary>Why no more may wait, if need be in the place of one that has waited for a while; <see cref="Reason.None"/> if one may.</summary>
    private Reason FindLimit(in FlowKey flow)
    {
        if (_isRetired)
            return Reason.Stopped;
        ForgetSettled();
        if (!_sources.HasRoom(in flow, _options.MaxContextsPerSource))
            return Reason.SourceLimit;
        return _waiting.Count < _options.MaxHalfOpen || TryGiveUpOldest(NegotiationOptions.Grace, Reason.Displaced) ? Reason.None : Reason.HalfOpenLimit;
    }

    /// <returns>False if none has waited for so long.</returns>
    private bool TryGiveUpOldest(TimeSpan patience, Reason reason)
    {
        if (_oldestFirst.First is not { Value: var oldest } || time.GetElapsedTime(oldest.Since) < patience)
            return false;
        GiveUp(oldest.Handshake, reason);
        // The relay may have settled it a moment ago.
        ForgetSettled();
        return true;
    }

    private bool TryTakeOver(Handshake handshake)
    {
        tracking.Delete(handshake.Flow);
        return tracking.CreateBegun(handshake.ServerFlow, marks.Observed) == Errno.None;
    }

    private bool TryDeliverSyn(Handshake handshake)
    {
        Span<byte> syn = stackalloc byte[Handshake.MaximumSynLength];
        return kernel.TrySend(syn[..handshake.WriteSyn(syn)]);
    }

    private void GiveUp(Handshake handshake, Reason reason)
    {
        if (!handshake.TrySettle(reason))
            return;
        ForgetSettled();
        taker.GiveUp(handshake);
        Span<byte> reset = stackalloc byte[Handshake.MaximumSynLength];
        // The own kernel would go on answering the client for a minute, the server its SYN.
        _ = kernel.TrySend(reset[..handshake.WriteClientReset(reset)]);
        _ = server.TrySend(reset[..handshake.WriteReset(reset)]);
    }

    private void ForgetSettled()
    {
        while (_settled.TryDequeue(out var handshake))
        {
            if (!_waiting.TryGetValue(handshake.Flow, out var waiting) || waiting.Value.Handshake != handshake)
                continue;
            _waiting.Remove(handshake.Flow);
            _oldestFirst.Remove(waiting);
            _sources.Remove(handshake.Flow);
            counters.HandshakesEnded.Add(handshake.Outcome);
            history.AddEnd(handshake.Route, handshake.Outcome, handshake.Flow.Server);
        }

        counters.Handshakes = _waiting.Count;
    }

    private readonly record struct Waiting(Handshake Handshake, long Since);
}
