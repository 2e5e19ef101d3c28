using Microsoft.Extensions.Logging;
using Middlebox.Interceptor.Dialling;
using Middlebox.Interceptor.Injection;
using Middlebox.Interceptor.Liveness;
using Middlebox.Interceptor.Rules;
using Middlebox.Native;
using Middlebox.Negotiation;

namespace Middlebox.Interceptor;

/// <summary>
/// Sees the SYNs, SYN/ACKs and refusals that the rules queue, and carries out what is decided: one thread and one
/// <see cref="Negotiator"/> for each queue. The kernel keeps both directions of a pair of hosts in one queue.
/// </summary>
public sealed class PacketInterceptor : IDisposable
{
    private readonly RawPacketSink _network;
    private readonly RawPacketSink _serverLeg;
    private readonly HeartbeatSocket _heartbeatSocket;
    private readonly Heartbeat _heartbeat;
    private readonly StandInTally _standIn = Liveness.StandInTally.Create();
    private readonly PacketThread[] _threads;
    private readonly Negotiator[] _negotiators;

    /// <exception cref="ErrnoException">A queue, the raw sockets, their mark or memory cannot be had.</exception>
    public PacketInterceptor(
        InterceptorOptions options,
        PacketMarks marks,
        Func<Negotiator> createNegotiator,
        IHandshakeTaker taker,
        TunDevice kernel,
        TimeProvider time,
        ILogger<PacketInterceptor> logger)
    {
        _network = new RawPacketSink(mark: 0);
        _serverLeg = new RawPacketSink(marks.ServerLeg);
        _heartbeatSocket = new HeartbeatSocket();
        _heartbeat = new Heartbeat(options.Queues, _heartbeatSocket.Renew, time);
        var sinks = new PacketSinks(kernel, _network, _serverLeg);
        _negotiators = new Negotiator[options.Queues];
        _threads = new PacketThread[options.Queues];
        for (var i = 0; i < options.Queues; i++)
        {
            _negotiators[i] = createNegotiator();
            var dials = new DialResults();
            var handler = new PacketHandler(_negotiators[i], taker, sinks, new DeferredPackets(time), dials);
            var thread = i;
            _threads[i] = new PacketThread(
                (ushort)(options.FirstQueue + i), options.QueueLength, handler, dials, _standIn, () => _heartbeat.Beat(thread), logger);
        }
    }

    /// <summary>Packets that the kernel queued for this box.</summary>
    public long PacketsReceived => _threads.Sum(thread => thread.Received);

    /// <summary>Times that packets passed because they came faster than they were taken.</summary>
    public long Overruns => _threads.Sum(thread => thread.Overruns) + _standIn.Overruns;

    /// <summary>Packets that passed because the code failed on them.</summary>
    public long Failures => _threads.Sum(thread => thread.Failures);

    /// <summary>Packets that the keeper let pass, because they were not taken in time.</summary>
    public long PassedByKeeper => _standIn.Passed;

    /// <summary>The queues' numbers and sockets, for one who stands in for this process (<see cref="QueueStandIn"/>).</summary>
    public IEnumerable<(ushort Number, FileDescriptor Socket)> Queues => _threads.Select(thread => (thread.Queue, thread.Socket));

    /// <summary>Where he is to count; he opens it with <see cref="Liveness.StandInTally.Open"/>.</summary>
    public FileDescriptor StandInTally => _standIn.Descriptor;

    public IReadOnlyList<Negotiator> Negotiators => _negotiators;

    /// <summary>How long ago the slowest packet thread last went round.</summary>
    public TimeSpan Silence => TimeSpan.FromMilliseconds(Environment.TickCount64 - _threads.Min(thread => thread.LastRound));

    /// <summary>From now on packets are decided on. The sets must be there, if there are to be any.</summary>
    public void Start()
    {
        // So that packets are queued from the moment on in which the rules are in force.
        _heartbeatSocket.Renew();
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>Lets all queues decide by another state from the next segment on.</summary>
    public void Adopt(NegotiationState state)
    {
        foreach (var negotiator in _negotiators)
            negotiator.State = state;
    }

    /// <summary>
    /// Lets the kernel queue nothing more, so that new connections pass; what has been begun is finished. It takes the time for which a sign of life
    /// lasts, and has no effect where there are no sets.
    /// </summary>
    /// <returns>That time.</returns>
    public TimeSpan Retire()
    {
        _heartbeat.Retire();
        return HeartbeatSet.Lifetime;
    }

    public void Dispose()
    {
        foreach (var thread in _threads)
            thread.Dispose();
        _heartbeatSocket.Dispose();
        _serverLeg.Dispose();
        _network.Dispose();
    }
}
