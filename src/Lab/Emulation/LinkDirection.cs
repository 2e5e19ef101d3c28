using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Emulation;

/// <summary>
/// One direction of an emulated link: decides for each packet, in the order in which they are sent, whether and when it arrives. A packet is lost by
/// chance, waits for the rate behind those before it, travels for the delay, and may be held back or doubled. It knows no bytes and no clock: times are
/// given, and the future of the rate is known, so a packet's arrival is settled when it is sent. Used by one thread; allocates nothing per packet.
/// </summary>
internal sealed class LinkDirection
{
    private const int DefaultQueueMilliseconds = 50;
    private const int SmallestDefaultQueue = 32;
    private const int FullPacketBits = 1500 * 8;

    // How long a packet is held back so that others overtake it.
    private const long HoldNanoseconds = 2_000_000;

    private readonly BehaviourTimeline _timeline;
    private readonly ILinkCapacity _capacity;
    private readonly Random _random;
    private readonly LossProcess _loss;
    private readonly JitterProcess _jitter;
    private readonly Queue<long> _departuresNanoseconds = new();
    private long _lineFreeNanoseconds;
    private long _lastArrivalNanoseconds;

    /// <param name="timeline">What the link does when.</param>
    /// <param name="capacity">How fast packets leave.</param>
    /// <param name="seed">The same seed treats the same packets alike.</param>
    public LinkDirection(BehaviourTimeline timeline, ILinkCapacity capacity, int seed)
    {
        _timeline = timeline;
        _capacity = capacity;
        _random = new Random(seed);
        _loss = new LossProcess(_random);
        _jitter = new JitterProcess(_random);
    }

    /// <summary>Packets that wait for the rate, the one that is being sent among them, at the time of the last packet.</summary>
    public int Waiting => _departuresNanoseconds.Count;

    /// <summary>Lets the time line begin; what is on its way arrives as was settled.</summary>
    public void Start(long nowNanoseconds)
    {
        _timeline.Start(nowNanoseconds);
        _capacity.Start(nowNanoseconds);
        _departuresNanoseconds.Clear();
        _lineFreeNanoseconds = nowNanoseconds;
    }

    /// <summary>Settles what becomes of a packet.</summary>
    /// <param name="nowNanoseconds">When it is sent; not before the one before it.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="arrivalNanoseconds">When it arrives, if it does.</param>
    /// <param name="isDoubled">Whether it arrives twice.</param>
    public PacketFate Send(long nowNanoseconds, int bytes, out long arrivalNanoseconds, out bool isDoubled)
    {
        arrivalNanoseconds = LinkClock.Never;
        isDoubled = false;
        var behaviour = _timeline.At(nowNanoseconds);
        if (!behaviour.Up)
            return PacketFate.LinkDown;
        if (_loss.Next(behaviour) is not PacketFate.Delivered and var lost)
            return lost;
        while (_departuresNanoseconds.TryPeek(out var departed) && departed <= nowNanoseconds)
            _departuresNanoseconds.Dequeue();
        if (_departuresNanoseconds.Count >= QueueOf(behaviour))
            return PacketFate.QueueFull;
        var begin = Math.Max(nowNanoseconds, _lineFreeNanoseconds);
        var departure = _capacity.Finish(begin, bytes);
        if (GoesDown(nowNanoseconds, departure))
            return PacketFate.LinkDown;
        _lineFreeNanoseconds = departure;
        if (departure > nowNanoseconds)
            _departuresNanoseconds.Enqueue(departure);
        arrivalNanoseconds = ArrivalOf(departure);
        isDoubled = behaviour.Duplicate > 0 && _random.NextDouble() < behaviour.Duplicate;
        return PacketFate.Delivered;
    }

    private static int QueueOf(LinkBehaviour behaviour)
    {
        if (behaviour.Queue is { } queue)
            return queue;
        return behaviour.Rate is { } rate
            ? (int)Math.Max(SmallestDefaultQueue, rate.BitsPerSecond * DefaultQueueMilliseconds / 1000 / FullPacketBits)
            : int.MaxValue;
    }

    private long ArrivalOf(long departureNanoseconds)
    {
        var behaviour = _timeline.At(departureNanoseconds);
        var arrival = departureNanoseconds + LinkClock.Nanoseconds(behaviour.Delay);
        if (behaviour.Jitter > TimeSpan.Zero)
            arrival += (long)(LinkClock.Nanoseconds(behaviour.Jitter) * _jitter.At(departureNanoseconds));
        // Only a packet that is held back may be overtaken.
        arrival = _lastArrivalNanoseconds = Math.Max(arrival, _lastArrivalNanoseconds);
        return behaviour.Reorder > 0 && _random.NextDouble() < behaviour.Reorder ? arrival + HoldNanoseconds : arrival;
    }

    private bool GoesDown(long fromNanoseconds, long toNanoseconds)
    {
        var last = _timeline.IndexAt(toNanoseconds);
        for (var index = _timeline.IndexAt(fromNanoseconds); index <= last; index++)
        {
            if (!_timeline[index].Up)
                return true;
        }

        return false;
    }
}
