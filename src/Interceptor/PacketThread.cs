using Microsoft.Extensions.Logging;
using Middlebox.Interceptor.Dialling;
using Middlebox.Interceptor.Liveness;
using Middlebox.Interceptor.Queue;
using Middlebox.Interceptor.Rules;
using Middlebox.Native;
using static Middlebox.Interceptor.Queue.NfqueueConstants;

namespace Middlebox.Interceptor;

/// <summary>
/// The thread of one NFQUEUE queue. It owns the queue's socket, its <see cref="PacketHandler"/> and the contexts behind it:
/// receives packets in batches, and answers each batch with one call.
/// </summary>
/// <remarks>
/// Verdicts: what is changed or dropped gets one of its own, in order; everything else of the batch is then accepted at
/// once, by the highest id. A batch verdict takes all packets that wait up to that id, and those told before wait no more.
/// An overrun of the socket (ENOBUFS) means that the kernel could not queue packets and let them pass: counted, not fatal.
/// </remarks>
internal sealed class PacketThread : IDisposable
{
    private const int BatchCapacity = 64;

    private const int SweepIntervalMilliseconds = 100;
    private const int RetryIntervalMilliseconds = 1;

    // A thread that has stood still for as long as a sign of life lasts finds that packets have passed it.
    private static readonly long StoodStillMilliseconds = (long)HeartbeatSet.Lifetime.TotalMilliseconds;

    private readonly PacketHandler _handler;
    private readonly DialResults _dials;
    private readonly NfqueueSocket _queue;
    private readonly StandInTally _standIn;
    private readonly Action _beat;
    private readonly ILogger _logger;
    private readonly DatagramBatch _batch = new(BatchCapacity, NfqueueSocket.DatagramLength);
    private readonly byte[] _answers = new byte[BatchCapacity * (NfqueueSocket.DatagramLength + NfqueueWriter.VerdictLength)];
    private readonly ushort _number;
    private readonly EventDescriptor _stop = new();
    private readonly Thread _thread;
    private long _passedSeen;
    private long _lastSweep = Environment.TickCount64;
    private long _received;
    private long _overruns;
    private long _failures;

    /// <param name="queue">Number of the queue.</param>
    /// <param name="queueLength">Packets that may wait in it.</param>
    /// <param name="handler">What decides.</param>
    /// <param name="dials">What the handler waits for beside packets.</param>
    /// <param name="standIn">What has passed because the thread did not take it.</param>
    /// <param name="beat">Called by the thread some ten times a second, as long as it goes round.</param>
    /// <param name="logger">For what must not happen.</param>
    /// <exception cref="ErrnoException">The queue cannot be had: see <see cref="NfqueueSocket"/>.</exception>
    public PacketThread(
        ushort queue, int queueLength, PacketHandler handler, DialResults dials, StandInTally standIn, Action beat, ILogger logger)
    {
        _number = queue;
        _handler = handler;
        _dials = dials;
        _standIn = standIn;
        _beat = beat;
        _logger = logger;
        _queue = new NfqueueSocket(queue, queueLength);
        _thread = new Thread(Run) { Name = $"packets {queue}", IsBackground = true };
    }

    /// <summary>Its number.</summary>
    public ushort Queue => _number;

    /// <summary>What it is bound to.</summary>
    public FileDescriptor Socket => _queue.Descriptor;

    public long Received => Volatile.Read(ref _received);

    public long Overruns => Volatile.Read(ref _overruns);

    /// <summary>Packets that the code failed on; any at all is a fault to be reported.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>When the thread last went round, in milliseconds of <see cref="Environment.TickCount64"/>; it does some ten times a second.</summary>
    public long LastRound => Volatile.Read(ref _lastSweep);

    public void Start() => _thread.Start();

    /// <summary>Ends the thread; packets that still wait pass, because the queue has no owner any more.</summary>
    public void Dispose()
    {
        _stop.Signal();
        if (_thread.IsAlive)
            _thread.Join();
        _queue.Dispose();
        _stop.Dispose();
        _dials.Dispose();
        _batch.Dispose();
    }

    private void Run()
    {
        try
        {
            while (WaitForPackets())
            {
                ReceiveBatch();
                _handler.HandleDials();
                _handler.RetryDeferred();
                SweepIfDue();
            }

            _handler.Stop();
        }
        catch (Exception failure)
        {
            // A dead packet thread must not look alive: without its owner the queue lets everything pass.
            InterceptorLog.PacketThreadFailed(_logger, _number, failure);
            _queue.Dispose();
            throw;
        }
    }

    /// <summary>False when the thread is to end.</summary>
    private bool WaitForPackets()
    {
        Span<pollfd> descriptors =
        [
            new() { fd = _queue.Descriptor.Number, events = Libc.POLLIN },
            new() { fd = _stop.Descriptor.Number, events = Libc.POLLIN },
            new() { fd = _dials.Descriptor.Number, events = Libc.POLLIN },
        ];
        var patience = _handler.HasDeferred ? RetryIntervalMilliseconds : SweepIntervalMilliseconds;
        _ = Libc.poll(ref descriptors[0], (nuint)descriptors.Length, patience);
        if (descriptors[2].revents != 0)
            _dials.Clear();
        return descriptors[1].revents == 0;
    }

    private void ReceiveBatch()
    {
        switch (_batch.Receive(_queue.Descriptor, out var datagrams))
        {
            case Errno.None or Errno.EAGAIN or Errno.EINTR:
                break;
            case Errno.ENOBUFS:
                Volatile.Write(ref _overruns, _overruns + 1);
                break;
            case var error:
                throw new ErrnoException("recvmmsg", error, $"queue {_number}");
        }

        if (datagrams == 0)
            return;
        if (Environment.TickCount64 - _lastSweep > StoodStillMilliseconds)
            _handler.ForgetUnanswered();
        var answers = new NfqueueWriter(_answers, _number);
        uint? lastAccepted = null;
        for (var i = 0; i < datagrams; i++)
        {
            var messages = new NfqueueReader(_batch[i]);
            while (messages.MoveNext())
            {
                // Every packet is answered, whatever it is: one that is not stays in the queue for ever.
                if (messages.PacketId is not { } packetId)
                    continue;
                Volatile.Write(ref _received, _received + 1);
                switch (messages.IsCut ? _handler.HandleCut() : Handle(messages.Payload, messages.Hook))
                {
                    case PacketOutcome.Drop:
                        answers.WriteVerdict(packetId, NF_DROP, []);
                        break;
                    case PacketOutcome.AcceptChanged:
                        answers.WriteVerdict(packetId, NF_ACCEPT, _handler.Changed);
                        break;
                    default:
                        lastAccepted = packetId;
                        break;
                }
            }
        }

        if (lastAccepted is { } id)
            answers.WriteBatchVerdict(id, NF_ACCEPT);
        if (answers.Length > 0)
            _ = _queue.Send(_answers.AsSpan(0, answers.Length));
    }

    /// <summary>
    /// No packet, whatever is in it, may end the thread: one that our own code trips over passes, is counted and, the first time, logged.
    /// </summary>
    private PacketOutcome Handle(ReadOnlySpan<byte> packet, PacketHook hook)
    {
        // For each packet: the thread may have been stopped before any of them.
        if (_standIn.Passed is var passed && passed != _passedSeen)
        {
            _passedSeen = passed;
            _handler.ForgetUnanswered();
        }

        try
        {
            return _handler.Handle(packet, hook);
        }
        catch (Exception failure)
        {
            Volatile.Write(ref _failures, _failures + 1);
            if (_failures == 1)
                InterceptorLog.PacketFailed(_logger, _number, Convert.ToHexString(packet), failure);
            return PacketOutcome.Accept;
        }
    }

    private void SweepIfDue()
    {
        var now = Environment.TickCount64;
        if (now - _lastSweep < SweepIntervalMilliseconds)
            return;
        Volatile.Write(ref _lastSweep, now);
        _handler.Sweep();
        _beat();
    }
}
