using Microsoft.Extensions.Logging;
using Middlebox.Interceptor.Filtering;
using Middlebox.Interceptor.Injection;
using Middlebox.Interceptor.Tracking;
using Middlebox.Native;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.Addressed;

/// <summary>The queue, thread and sockets of <see cref="AddressedRelay"/>.</summary>
public sealed class AddressedInterceptor : IDisposable
{
    private readonly ConntrackSocket _tracking;
    private readonly RawPacketSink _network;
    private readonly PacketFilterQueue _queue;

    /// <param name="options">Whom the box relays.</param>
    /// <param name="queue">Number of the queue.</param>
    /// <param name="marks">Marks of packets and connections.</param>
    /// <param name="policy">The same as rules.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For what must not happen.</param>
    /// <exception cref="ErrnoException">EPERM: not privileged. EBUSY: another process has this queue.</exception>
    public AddressedInterceptor(
        AddressedOptions options, ushort queue, PacketMarks marks, AddressedPolicy policy, TimeProvider time, ILogger<AddressedInterceptor> logger)
    {
        _tracking = new ConntrackSocket(marks);
        // Segments in the names of both sides, which connection tracking must not see: it would translate them.
        _network = new RawPacketSink(marks.ClientLeg);
        var relay = new AddressedRelay(
            [.. options.Listen.Select(HostEndpoint.Parse)],
            policy,
            new PromotionTable(options.MaxPromotions, options.PromotionTimeout, time),
            _tracking,
            _network,
            marks,
            Counters,
            time);
        _queue = new PacketFilterQueue(queue, new GuardedFilter(relay.Handle, queue, Counters.CountFailure, logger).Handle, relay.Round);
    }

    public AddressedCounters Counters { get; } = new();

    public void Dispose()
    {
        _queue.Dispose();
        _network.Dispose();
        _tracking.Dispose();
    }
}
