using Middlebox.Interceptor.Queue;
using Middlebox.Native;
using static Middlebox.Interceptor.Queue.NfqueueConstants;

namespace Middlebox.Interceptor.Filtering;

/// <summary>
/// An NFQUEUE queue with a function behind it, for small programs that do to packets what middleboxes on the path do. It belongs to the
/// network namespace of the thread that makes it, and has a thread of its own until it is disposed of.
/// </summary>
/// <remarks>A packet that was not copied whole, being longer than any handshake, passes as it is.</remarks>
public sealed class PacketFilterQueue : IDisposable
{
    private const int BatchCapacity = 64;
    private const int QueueLength = 4096;
    private const int RoundMilliseconds = 100;
    private const int Forever = -1;

    // What a filter may add: the options of a TCP header, at most.
    private const int Room = 40;

    private readonly NfqueueSocket _queue;
    private readonly PacketFilter _filter;
    private readonly Action? _round;
    private readonly ushort _number;
    private readonly EventDescriptor _stop = new();
    private readonly EventDescriptor _wake = new();
    private readonly Lock _waking = new();
    private readonly DatagramBatch _batch = new(BatchCapacity, NfqueueSocket.DatagramLength);
    private readonly byte[] _packet = new byte[NfqueueSocket.CopiedLength + Room];
    private readonly byte[] _answer = new byte[NfqueueSocket.DatagramLength + Room];
    private readonly Thread _thread;
    private bool _isDisposed;

    /// <param name="queue">Number of the queue.</param>
    /// <param name="filter">What is done to every packet.</param>
    /// <param name="round">Called by the thread whenever packets have been answered, upon <see cref="Wake"/>, and ten times a second.</param>
    /// <exception cref="ErrnoException">EPERM: not privileged. EBUSY: another process has this queue.</exception>
    public PacketFilterQueue(ushort queue, PacketFilter filter, Action? round = null)
    {
        _number = queue;
        _filter = filter;
        _round = round;
        _queue = new NfqueueSocket(queue, QueueLength);
        _thread = new Thread(Run) { Name = $"filter {queue}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Has the thread go round at once. Any thread may call, also when it is too late.</summary>
    public void Wake()
    {
        lock (_waking)
        {
            if (!_isDisposed)
                _wake.Signal();
        }
    }

    public void Dispose()
    {
        _stop.Signal();
        _thread.Join();
        lock (_waking)
        {
            _isDisposed = true;
            _wake.Dispose();
        }

        _queue.Dispose();
        _stop.Dispose();
        _batch.Dispose();
    }

    private void Run()
    {
        while (WaitForPackets())
        {
            // An overrun means that packets passed unseen, as they do without this program.
            if (_batch.Receive(_queue.Descriptor, out var datagrams) is not (Errno.None or Errno.EAGAIN or Errno.EINTR or Errno.ENOBUFS))
                return;
            for (var i = 0; i < datagrams; i++)
            {
                var messages = new NfqueueReader(_batch[i]);
                while (messages.MoveNext())
                {
                    if (messages.PacketId is { } id)
                        Answer(id, messages.IsCut ? default : messages.Payload);
                }
            }

            _round?.Invoke();
        }
    }

    /// <summary>False when the thread is to end.</summary>
    private bool WaitForPackets()
    {
        Span<pollfd> descriptors =
        [
            new() { fd = _queue.Descriptor.Number, events = Libc.POLLIN },
            new() { fd = _stop.Descriptor.Number, events = Libc.POLLIN },
            new() { fd = _wake.Descriptor.Number, events = Libc.POLLIN },
        ];
        _ = Libc.poll(ref descriptors[0], (nuint)descriptors.Length, _round is null ? Forever : RoundMilliseconds);
        if (descriptors[2].revents != 0)
            _wake.Clear();
        return descriptors[1].revents == 0;
    }

    private void Answer(uint id, ReadOnlySpan<byte> packet)
    {
        var verdict = NF_ACCEPT;
        ReadOnlySpan<byte> changed = default;
        if (!packet.IsEmpty)
        {
            packet.CopyTo(_packet);
            var length = _filter(_packet, packet.Length);
            if (length == 0)
                verdict = NF_DROP;
            else if (!packet.SequenceEqual(_packet.AsSpan(0, length)))
                changed = _packet.AsSpan(0, length);
        }

        var answer = new NfqueueWriter(_answer, _number);
        answer.WriteVerdict(id, verdict, changed);
        _ = _queue.Send(_answer.AsSpan(0, answer.Length));
    }
}
