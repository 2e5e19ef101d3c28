using Middlebox.Interceptor.Injection;
using Middlebox.Interceptor.Tracking;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Converter;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Servers;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Interceptor.HostRole;

/// <summary>
/// Sends this host's own connections over a proxy: names the server in their SYNs, and has the kernel translate them to the proxy. Programs and their kernel take
/// themselves for connected to the server. Owned by one thread; knows nothing of queues and sockets.
/// </summary>
/// <remarks>
/// Subflows that the kernel opens to the server's address are left alone, and so go there directly. Those that it opens to the address that the proxy has announced,
/// which has the proxy's port, are translated to the server's. Where the proxy acts for the server, both are translated to the proxy.
/// </remarks>
internal sealed class HostRelay(
    HostProxyOptions options,
    ServerCapabilities servers,
    IConnectionTracking tracking,
    IPacketSink network,
    PacketMarks marks,
    HostProxyCounters counters,
    DecisionHistory history,
    TimeProvider time)
    : IHostFilter
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    private readonly ProxyUse _use = new(options, tracking, marks, time);
    private readonly Dictionary<FlowKey, ProxiedSyn> _pending = [];
    private readonly Dictionary<FlowKey, ProxiedSyn> _byAnswer = [];
    private readonly JoinableServers _joinable = new(options.MaxPending);
    private volatile SharedKeys? _keys;
    private long _lastSweep = time.GetTimestamp();

    /// <summary>From now on one of these keys signs what is named; null for no signature. Any thread may call.</summary>
    public void Adopt(SharedKeys? keys) => _keys = keys;

    public int Handle(Span<byte> buffer, int length)
    {
        if (TcpPacket.Read(buffer[..length], out var segment) != PacketDefect.None)
        {
            return ServerAnswer.TryRead(buffer[..length], out var error) && error.UnreachableCode is not null && TryGoDirectly(error.Attempt) ? 0 : length;
        }

        switch (segment.Flags & (TcpFlags.SynAck | TcpFlags.Rst))
        {
            case TcpFlags.Syn:
                var read = HandshakeOptions.Read(segment.Options);
                if (read.HasMpJoin)
                    TranslateJoin(in segment, read.MpJoinToken);
                return read.MpCapable == MpCapableKind.Version1 ? Send(buffer, in segment) : length;
            case TcpFlags.SynAck:
                Learn(in segment);
                return length;
            default:
                return (segment.Flags & TcpFlags.Rst) != 0 && TryGoDirectly(segment.FlowFromServer, segment.Acknowledgment) ? 0 : length;
        }
    }

    /// <summary>Forgets what was never answered.</summary>
    public void Round()
    {
        if (time.GetElapsedTime(_lastSweep) < SweepInterval)
            return;
        _lastSweep = time.GetTimestamp();
        foreach (var syn in _pending.Values.Where(syn => time.GetElapsedTime(syn.Since) >= Lifetime).ToList())
            Forget(syn);
    }

    private int Send(Span<byte> buffer, in TcpPacket segment)
    {
        var length = segment.Bytes.Length;
        var flow = segment.FlowFromClient;
        if (_use.Find(flow.Server) is not { } proxy)
        {
            history.Add(in flow, default, in segment, Verdict.Forward, Reason.NoProxyForServer);
            return length;
        }

        if (_pending.TryGetValue(flow, out var earlier))
        {
            if (earlier.Isn == segment.Sequence)
                return SendAgain(buffer, in segment, earlier);
            Forget(earlier);
        }

        if (_use.IsSilent(in proxy))
            return WithoutProxy(in flow, in proxy, in segment, Reason.ProxySilent);
        var syn = new ProxiedSyn(in flow, in proxy, segment.Sequence, segment.Bytes.ToArray(), time.GetTimestamp());
        if (_pending.Count >= options.MaxPending)
            return WithoutProxy(in flow, in proxy, in segment, Reason.TableFull);
        if (!_use.TryTranslate(in flow, proxy, marks.Observed))
            return WithoutProxy(in flow, in proxy, in segment, Reason.NotTranslated);
        if (!TryName(buffer, ref length, syn))
        {
            tracking.Delete(in flow);
            return WithoutProxy(in flow, in proxy, in segment, Reason.NoRoomForServer);
        }

        _pending.Add(flow, syn);
        _byAnswer[syn.ToProxy] = syn;
        counters.Sent.Add();
        _ = TcpPacket.Read(syn.Packet, out var original);
        history.Add(in flow, in proxy, in original, Verdict.Forward, Reason.HostProxied);
        return length;
    }

    private int SendAgain(Span<byte> buffer, in TcpPacket segment, ProxiedSyn syn)
    {
        var length = segment.Bytes.Length;
        if (!syn.IsDirect && syn.Sent < options.UnansweredSyns)
        {
            syn.Sent++;
            history.Add(syn.Flow, syn.ToProxy.Server, in segment, Verdict.Forward, Reason.RepeatedSyn);
            _ = TryName(buffer, ref length, syn);
            return length;
        }

        if (syn.IsDirect)
            return length;
        counters.Unanswered.Add();
        _use.NoteSilence(syn.ToProxy.Server);
        syn.IsDirect = true;
        tracking.Delete(syn.Flow);
        return WithoutProxy(syn.Flow, syn.ToProxy.Server, in segment, Reason.ProxyUnanswered);
    }

    private bool TryName(Span<byte> buffer, ref int length, ProxiedSyn syn)
    {
        var destination = new DestinationOption(syn.Flow.Server, IsTransparent: true);
        return AddressedSyn.TryName(buffer, ref length, _keys is { } keys ? DestinationTags.Sign(in destination, syn.ToProxy, syn.Isn, keys) : destination);
    }

    private int WithoutProxy(in FlowKey flow, in HostEndpoint proxy, in TcpPacket segment, Reason reason)
    {
        counters.Direct.Add();
        history.Add(in flow, in proxy, in segment, Verdict.Forward, reason);
        _use.GoWithout(in flow);
        return segment.Bytes.Length;
    }

    private void TranslateJoin(in TcpPacket segment, uint token)
    {
        var flow = segment.FlowFromClient;
        if (!_joinable.TryFind(token, flow.Server, out var target) || !_use.TryTranslate(in flow, target, marks.Relayed))
            return;
        counters.Joined.Add();
        history.Add(in flow, default, in segment, Verdict.Forward, Reason.ServerAnnounced);
    }

    private void Learn(in TcpPacket segment)
    {
        if (!_byAnswer.TryGetValue(segment.FlowFromServer, out var syn) || syn.IsDirect || segment.Acknowledgment != syn.Isn + 1)
            return;
        Forget(syn);
        tracking.Mark(syn.Flow, marks.Relayed);
        counters.Answered.Add();
        history.Add(syn.Flow, syn.ToProxy.Server, in segment, Verdict.Forward, Reason.ProxyAnswered);
        _use.NoteAnswer(syn.ToProxy.Server);
        var capability = ServerCapability.Legacy;
        var isActing = IsOfActingProxy(segment.Options);
        var reader = new TcpOptionReader(segment.Options);
        while (reader.MoveNext())
        {
            if (!MpCapable.TryRead(reader.Bytes, out var capable) || !capable.HasSenderKey)
                continue;
            if (!isActing)
                capability = ServerCapability.Capable;
            _joinable.Add(capable.SenderKey, syn.Flow.Server, isActing ? syn.ToProxy.Server : null);
        }

        servers.Learn(syn.Flow.Server, capability);
    }

    private static bool IsOfActingProxy(ReadOnlySpan<byte> options)
    {
        var reader = new TcpOptionReader(options);
        while (reader.MoveNext())
        {
            if (ActingOption.TryRead(reader.Bytes, out _))
                return true;
        }

        return false;
    }

    /// <summary>
    /// A reset may be the server's, or the proxy's: of one that does not run, or does not allow this connection. An ICMP error may be about the way to either. The server
    /// is asked itself, at the price of a round trip.
    /// </summary>
    /// <param name="toProxy">The connection as it went to the proxy.</param>
    /// <param name="acknowledgment">What the reset acknowledges; null for an ICMP error.</param>
    /// <returns>True if the answer is to be dropped.</returns>
    private bool TryGoDirectly(in FlowKey toProxy, uint? acknowledgment = null)
    {
        if (!_byAnswer.TryGetValue(toProxy, out var syn) || syn.IsDirect || (acknowledgment is { } number && number != syn.Isn + 1))
            return false;
        counters.RefusedByProxy.Add();
        history.AddEnd(syn.Flow, Reason.ProxyRefused, syn.ToProxy.Server);
        if (options.WhenUnreachable == UnreachableProxy.Refuse)
        {
            Forget(syn);
            return false;
        }

        syn.IsDirect = true;
        tracking.Delete(syn.Flow);
        // It is queued once more, and passes.
        return network.TrySend(syn.Packet);
    }

    private void Forget(ProxiedSyn syn)
    {
        _pending.Remove(syn.Flow);
        _byAnswer.Remove(syn.ToProxy);
    }
}
