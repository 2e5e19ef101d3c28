using Microsoft.Extensions.Logging;
using Middlebox.Interceptor.FastPath;
using Middlebox.Interceptor.Filtering;
using Middlebox.Interceptor.Injection;
using Middlebox.Interceptor.Tracking;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.Joins;

namespace Middlebox.Interceptor.Addressed;

/// <summary>The queue, thread and sockets of <see cref="AddressedRelay"/>.</summary>
public sealed class AddressedInterceptor : IDisposable
{
    private readonly ConntrackSocket _tracking;
    private readonly RawPacketSink _network;
    private readonly RawPacketSink _server;
    private readonly AddressedPolicy _policy;
    private readonly AddressedHandshakes _handshakes;
    private readonly SegmentFastPath? _fastPath;
    private readonly AddressedRelay _relay;
    private readonly PacketFilterQueue _queue;

    /// <param name="options">Whom the box relays.</param>
    /// <param name="queue">Number of the queue.</param>
    /// <param name="marks">Marks of packets and connections.</param>
    /// <param name="policy">The same as rules.</param>
    /// <param name="negotiation">How many connections may wait for their clients, and for how long.</param>
    /// <param name="taker">Relays the connections on which the box acts.</param>
    /// <param name="kernel">Where the box's own kernel takes packets.</param>
    /// <param name="tokens">The connections that the box terminates.</param>
    /// <param name="carries">Whether segments of relayed connections are led past the rules, if that can be had.</param>
    /// <param name="historyLength">Latest decisions remembered.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For what must not happen.</param>
    /// <exception cref="ErrnoException">EPERM: not privileged. EBUSY: another process has this queue.</exception>
    public AddressedInterceptor(
        AddressedOptions options,
        ushort queue,
        PacketMarks marks,
        AddressedPolicy policy,
        NegotiationOptions negotiation,
        IHandshakeTaker taker,
        TunDevice kernel,
        ServedTokens tokens,
        bool carries,
        int historyLength,
        TimeProvider time,
        ILogger<AddressedInterceptor> logger)
    {
        History = new DecisionHistory(historyLength, time);
        _policy = policy;
        _tracking = new ConntrackSocket(marks);
        // Segments in the names of both sides, which connection tracking must not see: it would translate them.
        _network = new RawPacketSink(marks.ClientLeg);
        _server = new RawPacketSink(marks.ServerLeg);
        _handshakes = new AddressedHandshakes(taker, _tracking, kernel, _server, marks, negotiation, Counters, History, time);
        _fastPath = carries ? SegmentFastPath.TryOpen(logger) : null;
        _relay = new AddressedRelay(
            [.. options.Listen.Select(HostEndpoint.Parse)],
            policy,
            new PromotionTable(options.MaxPromotions, options.MaxPromotionsPerSource, options.PromotionTimeout, time),
            _handshakes,
            new AddressedJoins(tokens, kernel, new DeferredPackets(time), History),
            _tracking,
            _network,
            new CarriedConnections(_fastPath, _tracking, Counters, time),
            marks,
            Counters,
            History,
            time);
        _queue = new PacketFilterQueue(queue, new GuardedFilter(_relay.Handle, queue, Counters.Failures.Add, logger).Handle, _relay.Round);
    }

    public AddressedCounters Counters { get; } = new();

    /// <summary>What was decided on connections whose hosts name their servers to this box.</summary>
    public DecisionHistory History { get; }

    /// <summary>Whether segments of relayed connections are led past this host's rules.</summary>
    public bool LeadsPastRules => _fastPath is not null;

    /// <summary>From now on SYNs are asked for tags like this, and other limits hold. Any thread may call.</summary>
    public void Adopt(TagPolicy tags, NegotiationOptions negotiation)
    {
        _policy.Tags = tags;
        _handshakes.Adopt(negotiation);
    }

    /// <summary>The box is about to end: connections that begin are only translated, which outlives it.</summary>
    public void Retire() => _handshakes.Retire();

    public void Dispose()
    {
        _queue.Dispose();
        _relay.Stop();
        _fastPath?.Dispose();
        _server.Dispose();
        _network.Dispose();
        _tracking.Dispose();
    }
}
