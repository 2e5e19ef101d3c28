using Middlebox.Interceptor.Queue;
using Middlebox.Native;
using static Middlebox.Interceptor.Queue.NfqueueConstants;

namespace Middlebox.Interceptor.Liveness;

/// <summary>
/// Lets the packets of a queue pass, after some 60 ms, when the process whose queue it is does not take them, by a duplicate of its socket. It looks only whether the
/// first packet that waits is still the same a moment later, so that it needs no sign of life and costs nothing while there are no packets.
/// </summary>
/// <remarks>
/// Each message of the kernel's is read by one of the two, so no packet is decided on twice, and a false alarm does no more than let a connection
/// pass unproxied. What the other one has read and not answered waits for it. One thread; what is disposed of lets pass what still waits.
/// </remarks>
public sealed class QueueStandIn : IDisposable
{
    // An owner that goes round takes a packet within a millisecond, one that collects garbage within ten. It is looked at again and again instead of once, so
    // that one that is starved together with this thread has the more time.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private const int LooksBefore = 6;

    // When the owner has taken nothing since others passed.
    private static readonly TimeSpan ShortInterval = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan BetweenTold = TimeSpan.FromSeconds(10);

    // Enough of a message to have the packet's id in it.
    private const int HeadLength = 64;

    // So that an owner that comes round is noticed, however many packets come.
    private const int MostAtOnce = 256;

    private readonly ushort _queue;
    private readonly FileDescriptor _socket;
    private readonly StandInTally _tally;
    private readonly Action<string> _tell;
    private readonly TimeProvider _time;
    private readonly byte[] _first = new byte[HeadLength];
    private readonly byte[] _second = new byte[HeadLength];
    private readonly byte[] _datagram = new byte[NfqueueSocket.DatagramLength];
    private readonly EventDescriptor _stop = new();
    private readonly Thread _thread;
    private long? _lastTold;
    private long _passedBefore;
    private bool _standsIn;

    /// <param name="queue">Number of the queue.</param>
    /// <param name="socket">A duplicate of the socket that it is bound to; disposed of with this.</param>
    /// <param name="tally">Where what passes is counted.</param>
    /// <param name="tell">Told, in a sentence for people, when it begins, at most every ten seconds.</param>
    /// <param name="time">The clock.</param>
    public QueueStandIn(ushort queue, FileDescriptor socket, StandInTally tally, Action<string> tell, TimeProvider time)
    {
        _queue = queue;
        _socket = socket;
        _tally = tally;
        _tell = tell;
        _time = time;
        _thread = new Thread(Run) { Name = $"stand-in {queue}", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Signal();
        _thread.Join();
        LetPass(int.MaxValue);
        _socket.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        while (WaitForPacket())
        {
            if (!TryPeek(_first, out var length) || IsTaken(_first.AsSpan(0, length)))
            {
                _standsIn = false;
                continue;
            }

            TellIfDue();
            _standsIn = true;
            LetPass(MostAtOnce);
        }
    }

    /// <summary>Whether somebody takes the packet that waits, or this thread is to end.</summary>
    private bool IsTaken(ReadOnlySpan<byte> first)
    {
        for (var looks = _standsIn ? 1 : LooksBefore; looks > 0; looks--)
        {
            if (WaitForStop(_standsIn ? ShortInterval : Interval)
                || !TryPeek(_second, out var length) || !first.SequenceEqual(_second.AsSpan(0, length)))
                return true;
        }

        return false;
    }

    /// <summary>False when the thread is to end.</summary>
    private bool WaitForPacket()
    {
        Span<pollfd> descriptors =
        [
            new() { fd = _socket.Number, events = Libc.POLLIN },
            new() { fd = _stop.Descriptor.Number, events = Libc.POLLIN },
        ];
        _ = Libc.poll(ref descriptors[0], (nuint)descriptors.Length, Timeout.Infinite);
        return descriptors[1].revents == 0;
    }

    private bool WaitForStop(TimeSpan timeout)
    {
        var stop = new pollfd { fd = _stop.Descriptor.Number, events = Libc.POLLIN };
        return Libc.poll(ref stop, 1, (int)timeout.TotalMilliseconds) > 0;
    }

    private bool TryPeek(byte[] head, out int length)
    {
        length = (int)Libc.recv(_socket, ref head[0], head.Length, Libc.MSG_PEEK | Libc.MSG_DONTWAIT);
        if (length >= 0)
            return true;
        if (Libc.LastError == Errno.ENOBUFS)
            _tally.AddOverrun();
        length = 0;
        return false;
    }

    private void LetPass(int most)
    {
        Span<byte> answer = stackalloc byte[NfqueueWriter.VerdictLength];
        for (var i = 0; i < most; i++)
        {
            var length = (int)Libc.recv(_socket, ref _datagram[0], _datagram.Length, Libc.MSG_DONTWAIT);
            if (length < 0)
                return;
            var messages = new NfqueueReader(_datagram.AsSpan(0, length));
            while (messages.MoveNext())
            {
                if (messages.PacketId is not { } packetId)
                    continue;
                _tally.AddPassed();
                // Each by itself: a verdict on all up to this one would take those that the other has read as well.
                var verdict = new NfqueueWriter(answer, _queue);
                verdict.WriteVerdict(packetId, NF_ACCEPT, []);
                _ = Libc.send(_socket, in answer[0], verdict.Length, 0);
            }
        }
    }

    private void TellIfDue()
    {
        var now = _time.GetTimestamp();
        if (_standsIn || (_lastTold is { } last && _time.GetElapsedTime(last, now) < BetweenTold))
            return;
        _lastTold = now;
        var passed = _tally.Passed;
        _tell($"the daemon takes no packets from queue {_queue}: they pass until it does ({passed - _passedBefore} since this was last said)");
        _passedBefore = passed;
    }
}
