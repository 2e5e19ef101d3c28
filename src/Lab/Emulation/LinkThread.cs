using Middlebox.Native;

namespace Middlebox.Lab.Emulation;

/// <summary>
/// One emulated link: two TUN devices and the thread that carries packets between them, both ways. The thread owns the devices and all packets on their way;
/// it sleeps until a packet is sent or one arrives (ppoll(2), whose timeout is as exact as the kernel's timers), and is woken before threads of ordinary
/// priority, because a link does not wait for a busy processor. Others only tell it to begin its time line and to end.
/// </summary>
internal sealed class LinkThread : IDisposable
{
    // 128 MiB of full-sized packets: a second at 1 Gbit/s.
    private const int MostPackets = 1 << 16;

    // Waking up takes about this long, so a sleep for less would be late.
    private const long ShortestSleepNanoseconds = 15_000;

    private readonly LinkClock _clock = new(TimeProvider.System);
    private readonly EventDescriptor _wake = new();
    private readonly EmulatedDevice _left;
    private readonly EmulatedDevice _right;
    private readonly DirectionPath _forth;
    private readonly DirectionPath _back;
    private readonly Thread _thread;
    private volatile bool _mustStart;
    private volatile bool _mustEnd;

    /// <exception cref="IOException">A device cannot be made.</exception>
    public LinkThread(EmulatedLink link)
    {
        var slots = new PacketSlots(link.Mtu, MostPackets);
        _left = new EmulatedDevice(link.Left.Namespace, link.Left.Device);
        _right = new EmulatedDevice(link.Right.Namespace, link.Right.Device);
        _forth = new DirectionPath(_left, _right, link.Left.NewDirection(), slots);
        _back = new DirectionPath(_right, _left, link.Right.NewDirection(), slots);
        _thread = new Thread(Run) { Name = $"link {link.Name}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Lets the time line begin, or begin anew.</summary>
    public void StartTimeline()
    {
        _mustStart = true;
        _wake.Signal();
    }

    public void Dispose()
    {
        _mustEnd = true;
        _wake.Signal();
        _thread.Join();
        _left.Dispose();
        _right.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        _ = ThreadTiming.TryBePunctual();
        while (!_mustEnd)
        {
            if (_mustStart)
                Start();
            if (!_forth.Receive(_clock, out var sentForth) || !_back.Receive(_clock, out var sentBack))
                return;
            _forth.Deliver(_clock);
            _back.Deliver(_clock);
            if (sentForth + sentBack == 0)
                Wait();
        }
    }

    private void Start()
    {
        _mustStart = false;
        _wake.Clear();
        var now = _clock.NowNanoseconds;
        _forth.Start(now);
        _back.Start(now);
    }

    private void Wait()
    {
        const long Hour = 3600 * LinkClock.Second;
        var next = Math.Min(_forth.NextNanoseconds, _back.NextNanoseconds);
        var sleep = next == LinkClock.Never ? Hour : Math.Min(next - _clock.NowNanoseconds, Hour);
        if (sleep < ShortestSleepNanoseconds)
            return;
        Span<pollfd> descriptors =
        [
            new() { fd = _left.Descriptor.Number, events = Libc.POLLIN },
            new() { fd = _right.Descriptor.Number, events = Libc.POLLIN },
            new() { fd = _wake.Descriptor.Number, events = Libc.POLLIN },
        ];
        var timeout = new timespec(sleep - ShortestSleepNanoseconds);
        _ = Libc.ppoll(ref descriptors[0], (nuint)descriptors.Length, in timeout, 0);
    }
}
