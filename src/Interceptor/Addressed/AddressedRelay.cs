using Middlebox.Interceptor.Injection;
using Middlebox.Interceptor.Tracking;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Interceptor.Addressed;

/// <summary>
/// Has the kernel relay connections whose hosts name their servers in the SYN, and looks at them until the hosts know their servers' own addresses; acts on those whose servers do
/// not speak MPTCP. Owned by one thread; knows nothing of queues and sockets.
/// </summary>
/// <remarks>
/// The translation is an entry of the kernel's connection tracking, made before the SYN passes on, so that no rule and no packet of user space is needed for the
/// connection later. Segments are queued as long as the entry has the mark of a connection that is looked at.
/// </remarks>
internal sealed class AddressedRelay(
    IReadOnlyCollection<HostEndpoint> listen,
    AddressedPolicy policy,
    PromotionTable promotions,
    AddressedHandshakes handshakes,
    AddressedJoins joins,
    IConnectionTracking tracking,
    IPacketSink network,
    CarriedConnections carried,
    PacketMarks marks,
    AddressedCounters counters,
    DecisionHistory history,
    TimeProvider time)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly HashSet<HostEndpoint> _listen = [.. listen];
    private readonly List<(Promotion Promotion, long Since)> _announcing = [];
    private readonly List<Promotion> _expired = [];
    private long _lastSweep = time.GetTimestamp();

    /// <summary>Handles a packet that was queued, and may change it. <see cref="Filtering.PacketFilter"/>.</summary>
    public int Handle(Span<byte> buffer, int length)
    {
        if (TcpPacket.Read(buffer[..length], out var segment) != PacketDefect.None)
            return length;
        if ((segment.Flags & TcpFlags.SynAck) == TcpFlags.Syn && _listen.Contains(segment.Destination))
            return Relay(buffer, in segment);
        if ((segment.Flags & TcpFlags.SynAck) == TcpFlags.SynAck && _listen.Contains(segment.Source))
            return handshakes.Declare(buffer, in segment);
        return promotions.Find(in segment, out var isFromClient) is { } promotion ? Observe(buffer, in segment, promotion, isFromClient) : length;
    }

    /// <summary>Sends announcements that are due, and gives up what has taken too long. To be called some ten times a second, and after packets have passed.</summary>
    public void Round()
    {
        handshakes.Round();
        joins.Round();
        carried.Round();
        for (var i = _announcing.Count - 1; i >= 0; i--)
        {
            var (promotion, since) = _announcing[i];
            if (promotion.Announcements > 0 && time.GetElapsedTime(since) < promotion.Patience && !promotion.IsOver)
                continue;
            _announcing.RemoveAt(i);
            if (!promotion.IsOver && TryAnnounce(promotion))
                _announcing.Add((promotion, time.GetTimestamp()));
            if (promotion.IsOver)
                End(promotion);
        }

        if (time.GetElapsedTime(_lastSweep) < SweepInterval)
            return;
        _lastSweep = time.GetTimestamp();
        promotions.CollectExpired(_expired);
        foreach (var promotion in _expired)
        {
            promotion.End();
            End(promotion);
        }

        _expired.Clear();
    }

    /// <summary>To be called when no packet comes any more.</summary>
    public void Stop() => handshakes.Stop();

    private int Relay(Span<byte> buffer, in TcpPacket syn)
    {
        var length = syn.Bytes.Length;
        var options = HandshakeOptions.Read(syn.Options);
        if (options.HasMpJoin && !options.Malformed)
            return joins.TryDeliver(in syn, options.MpJoinToken) ? 0 : length;
        var addressed = syn.FlowFromClient;
        if (!AddressedSyn.TryRead(syn.Options, out var destination, out var offset))
            return Refuse(in addressed, default, in syn, Reason.NoServerNamed);
        var route = new FlowKey(addressed.Client, destination.Server);
        var refusal = syn.IsAuthenticated ? Reason.IpAuthentication : policy.Assess(in addressed, syn.Sequence, in destination);
        if (refusal != Reason.None)
            return Refuse(in route, addressed.Server, in syn, refusal);
        if (handshakes.TryRepeat(in syn))
            return 0;
        var reason = Translate(in addressed, destination, syn.Sequence);
        if (reason == Reason.NotTranslated)
            return Refuse(in route, addressed.Server, in syn, reason);
        history.Add(in route, addressed.Server, in syn, Verdict.Forward, reason);
        return Forward(buffer, in syn, destination, offset);
    }

    private int Refuse(in FlowKey route, in HostEndpoint addressed, in TcpPacket syn, Reason refusal)
    {
        counters.Refused.Add(refusal);
        history.Add(in route, in addressed, in syn, Verdict.Refuse, refusal);
        return syn.Bytes.Length;
    }

    private int Forward(Span<byte> buffer, in TcpPacket syn, DestinationOption destination, int offset)
    {
        var (addressed, tcpOffset) = (syn.FlowFromClient, syn.TcpOffset);
        var length = AddressedSyn.Strip(buffer, tcpOffset, destination, offset);
        if (promotions.Find(in addressed) is not { } promotion || TcpPacket.Read(buffer[..length], out var stripped) != PacketDefect.None)
            return length;
        promotion.Remember(in stripped, time.GetTimestamp());
        // As for all connections on which the box may act: the socket that it gets for the server's half cannot do ECN.
        if ((stripped.Flags & TcpFlags.Ece) != 0)
            TcpPacketEditor.WithdrawEcn(buffer[..length], tcpOffset);
        return length;
    }

    /// <returns>
    /// <see cref="Reason.NamedServerRelayed"/>, or why it is relayed without being looked at; <see cref="Reason.RepeatedSyn"/>, or <see cref="Reason.NotTranslated"/>.
    /// </returns>
    private Reason Translate(in FlowKey addressed, DestinationOption destination, uint isn)
    {
        if (promotions.Find(in addressed) is { } earlier)
        {
            // A SYN that is repeated.
            if (earlier.Isn == isn && earlier.Destination == destination)
                return Reason.RepeatedSyn;
            if (IsAlive(in addressed))
                return Reason.NotTranslated;
            earlier.End();
            End(earlier);
        }

        var promotion = new Promotion(in addressed, destination, isn);
        var limit = promotions.FindLimit(promotion.Route);
        var mark = limit == Reason.None ? marks.Observed : marks.Relayed;
        var created = tracking.Create(in addressed, addressed.Server.Address, destination.Server, mark);
        if (created == Errno.EEXIST && !IsAlive(in addressed))
        {
            // Of a connection that has ended, or never began.
            tracking.Delete(in addressed);
            created = tracking.Create(in addressed, addressed.Server.Address, destination.Server, mark);
        }

        if (created != Errno.None)
            return Reason.NotTranslated;
        counters.Relayed.Add();
        if (limit != Reason.None)
        {
            counters.Unobserved.Add(limit);
            return limit;
        }

        promotions.Add(promotion);
        counters.Pending = promotions.Count;
        return Reason.NamedServerRelayed;
    }

    private bool IsAlive(in FlowKey addressed) => tracking.TryFind(in addressed, out var entry) && entry.IsAlive;

    private int Observe(Span<byte> buffer, in TcpPacket segment, Promotion promotion, bool isFromClient)
    {
        var length = segment.Bytes.Length;
        var acted = isFromClient ? Reason.None : handshakes.Begin(promotion, in segment);
        if (acted == Reason.NamedServerLegacy)
        {
            End(promotion, isTold: true);
            return 0;
        }

        var before = promotion.State;
        promotion.Observe(in segment, isFromClient);
        var isTold = acted != Reason.None || (before == PromotionState.AwaitingSynAck && TellAnswer(in segment, promotion));
        if (!isFromClient && promotion.DeniesJoins && !segment.IsAuthenticated)
            DenyJoins(buffer, in segment);
        if (promotion.IsOver)
            End(promotion, isTold);
        else if (promotion.State == PromotionState.Announcing && before != PromotionState.Announcing)
            _announcing.Add((promotion, time.GetTimestamp()));
        return length;
    }

    /// <summary>Remembers what the server has answered, unless more is to be said of it.</summary>
    /// <returns>Whether that was the end.</returns>
    private bool TellAnswer(in TcpPacket segment, Promotion promotion)
    {
        var isRefused = promotion.State == PromotionState.Ended;
        if (isRefused || promotion.State is PromotionState.AwaitingKeys or PromotionState.Undesired)
            history.Add(promotion.Route, promotion.Addressed.Server, in segment, Verdict.Forward, isRefused ? Reason.ServerRefused : Reason.ServerCapable);
        return isRefused;
    }

    /// <summary>Sets the C flag in a SYN/ACK: what the client has connected to is the proxy, and no place for further subflows.</summary>
    private static void DenyJoins(Span<byte> buffer, in TcpPacket segment)
    {
        var options = HandshakeOptions.Read(segment.Options);
        if (options.MpCapable != MpCapableKind.Version1)
            return;
        TcpPacketEditor.PatchByte(
            buffer, segment.TcpOffset, TcpConstants.MinimumHeaderLength + options.MpCapableOffset + MptcpConstants.CapableFlagsOffset,
            (byte)(options.MpCapableFlags | MpCapableFlags.DenyJoinInitialAddress));
    }

    /// <returns>False if that was the end.</returns>
    private bool TryAnnounce(Promotion promotion)
    {
        if (!tracking.TryFind(promotion.Addressed, out var entry))
        {
            promotion.End();
            return false;
        }

        promotion.Translated = entry.AnswersTo;
        if (!promotion.TryAnnounce())
            return false;
        Span<byte> packet = stackalloc byte[Promotion.MaximumSegmentLength];
        // What is lost is sent again.
        _ = network.TrySend(packet[..promotion.WriteAnnouncement(packet)]);
        SendPriorities(promotion);
        return true;
    }

    private void SendPriorities(Promotion promotion)
    {
        Span<byte> packet = stackalloc byte[Promotion.MaximumSegmentLength];
        _ = network.TrySend(packet[..promotion.WritePriorityToClient(packet)]);
        _ = network.TrySend(packet[..promotion.WritePriorityToServer(packet)]);
    }

    /// <param name="promotion">That is over.</param>
    /// <param name="isTold">Whether a decision on a segment tells the same.</param>
    private void End(Promotion promotion, bool isTold = false)
    {
        if (!promotions.Remove(promotion))
            return;
        if (!isTold)
            history.AddEnd(promotion.Route, promotion.Outcome, promotion.Addressed.Server);
        // Nobody confirms priorities: they are sent as often as the announcement, and once more.
        if (promotion.State == PromotionState.Promoted)
            SendPriorities(promotion);
        if (promotion.State != PromotionState.Acted)
        {
            tracking.Mark(promotion.Addressed, marks.Relayed);
            carried.Take(promotion.Addressed);
        }

        counters.Ended.Add(promotion.State);
        counters.Pending = promotions.Count;
    }
}
