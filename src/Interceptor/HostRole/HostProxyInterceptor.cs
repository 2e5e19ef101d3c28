using Microsoft.Extensions.Logging;
using Middlebox.Interceptor.Filtering;
using Middlebox.Interceptor.Injection;
using Middlebox.Interceptor.Tracking;
using Middlebox.Native;
using Middlebox.Negotiation.History;
using Middlebox.Negotiation.HostRole;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Servers;

namespace Middlebox.Interceptor.HostRole;

/// <summary>The queue, thread and sockets of <see cref="HostRelay"/> or <see cref="HostConversion"/>.</summary>
public sealed class HostProxyInterceptor : IDisposable
{
    private readonly ConntrackSocket _tracking;
    private readonly RawPacketSink _network;
    private readonly HostRelay? _relay;
    private readonly PacketFilterQueue _queue;

    /// <param name="options">Which connections go over which proxy.</param>
    /// <param name="queue">Number of the queue.</param>
    /// <param name="marks">Marks of packets and connections.</param>
    /// <param name="servers">Where it is written down what is learnt of servers.</param>
    /// <param name="dialler">Connects through converters; null unless that is the protocol.</param>
    /// <param name="historyLength">Latest decisions remembered.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For what must not happen.</param>
    /// <exception cref="ErrnoException">EPERM: not privileged. EBUSY: another process has this queue.</exception>
    public HostProxyInterceptor(
        HostProxyOptions options,
        ushort queue,
        PacketMarks marks,
        ServerCapabilities servers,
        IConverterDialler? dialler,
        int historyLength,
        TimeProvider time,
        ILogger<HostProxyInterceptor> logger)
    {
        History = new DecisionHistory(historyLength, time);
        _tracking = new ConntrackSocket(marks);
        // SYNs that go to the server after all, as if this host had sent them itself.
        _network = new RawPacketSink(mark: 0);
        _relay = dialler is null ? new HostRelay(options, servers, _tracking, _network, marks, Counters, History, time) : null;
        IHostFilter filter = _relay ?? (IHostFilter)new HostConversion(options, dialler!, _tracking, _network, marks, Counters, History, Wake, time);
        _queue = new PacketFilterQueue(queue, new GuardedFilter(filter.Handle, queue, Counters.Failures.Add, logger).Handle, filter.Round);
    }

    public HostProxyCounters Counters { get; } = new();

    /// <summary>What was decided on this host's own connections.</summary>
    public DecisionHistory History { get; }

    /// <summary>From now on one of these keys signs what is named in SYNs; null for no signature. Any thread may call.</summary>
    public void Adopt(SharedKeys? keys) => _relay?.Adopt(keys);

    public void Dispose()
    {
        _queue.Dispose();
        _network.Dispose();
        _tracking.Dispose();
    }

    // The queue is there: its rules are installed later, and without a SYN no outcome is told.
    private void Wake() => _queue.Wake();
}
