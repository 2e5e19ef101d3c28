using Middlebox.Native;
using Middlebox.ProxyEngine.Survival;

namespace Middlebox.ProxyEngine.Relay;

/// <summary>
/// Moves the bytes of one direction of a flow, in order, and then its end: when the source has said all, the sink is told
/// so and the other direction goes on (half-close, RFC 9293 section 3.6). Owned by the flow's relay thread.
/// </summary>
/// <remarks>
/// Bytes are copied from the source, given to the sink, and only then taken off the source: whenever the process is killed, no byte is in its
/// memory alone. Nothing is read while the sink is full, so a slow sink slows the source through its receive window.
/// </remarks>
/// <param name="slot">Of the flow in the ledger.</param>
/// <param name="isUp">From client to server.</param>
/// <param name="moved">Bytes that an earlier daemon has moved.</param>
internal sealed class Pump(Leg source, Leg sink, int slot, bool isUp, long moved)
{
    // Other flows of the thread get their turn after this many bytes.
    private const long BudgetBytes = 1 << 20;

    // A sink that is nearly full takes little: copying much for it again and again would be work for nothing.
    private const int LeastCopied = 16 * 1024;

    private bool _sourceEnded;
    private int _mostCopied = int.MaxValue;
    private long _moved = moved;

    /// <summary>Bytes taken from the source and given to the sink; may be read by any thread.</summary>
    public long Moved => Volatile.Read(ref _moved);

    /// <summary>The source has ended, and the sink has all its bytes and, unless the source failed, knows.</summary>
    public bool Finished { get; private set; }

    /// <summary>
    /// The source is gone, but what it said before may still wait in its socket. That is moved; no end is passed on, because
    /// the sink's peer is to see a reset and not a message that ends too early.
    /// </summary>
    public bool SourceHasFailed { get; set; }

    /// <summary>Moves what can be moved now.</summary>
    /// <param name="journal">The thread's.</param>
    public PumpResult Run(RelayJournal journal)
    {
        for (var budget = BudgetBytes; budget > 0;)
        {
            if (journal.UnconsumedOf(slot, isUp) is > 0 and var unconsumed)
            {
                switch (journal.Consume(source, unconsumed, slot, isUp))
                {
                    case 0:
                        // What was seen is gone, which only a source does that is gone itself: to ask again would be to ask for ever.
                        return new PumpResult(PumpStop.SourceFailed, Errno.ECONNRESET);
                    case < 0 when Libc.LastError is not Errno.EINTR and var failure:
                        return new PumpResult(PumpStop.SourceFailed, failure);
                }

                continue;
            }

            if (_sourceEnded || !source.MayRead)
                return Finish();
            if (!sink.MayWrite)
                return new PumpResult(PumpStop.Waiting);

            var copy = journal.Buffer[..source.BytesToRead(Math.Min(_mostCopied, journal.Buffer.Length))];
            if (copy.IsEmpty)
            {
                source.MayRead = false;
                continue;
            }

            var count = Libc.recv(source.Socket, ref copy[0], copy.Length, Libc.MSG_PEEK | Libc.MSG_DONTWAIT);
            switch (count)
            {
                case > 0:
                    budget -= count;
                    if (!TrySend(journal, copy[..(int)count], out var isWhole, out var stop))
                        return stop;
                    // A stream that gives less than it could is empty; it reports when there is more. MPTCP does not report what it takes up
                    // from its subflows while it is read, so it is asked until there is nothing. An end that has been reported is not
                    // reported again, and still to be read.
                    if (isWhole)
                        source.MayRead = count == copy.Length || source.HasEnded || source.IsMptcp;
                    break;
                case 0:
                    _sourceEnded = true;
                    break;
                default:
                    var error = Libc.LastError;
                    if (error == Errno.EINTR)
                        break;
                    if (error == Errno.EAGAIN)
                        source.MayRead = false;
                    else if (SourceHasFailed)
                        _sourceEnded = true;
                    else
                        return new PumpResult(PumpStop.SourceFailed, error);
                    break;
            }
        }

        return new PumpResult(PumpStop.BudgetSpent);
    }

    private PumpResult Finish()
    {
        if (_sourceEnded && !Finished)
        {
            Finished = true;
            // ENOTCONN: the sink has gone already, which its own direction finds out.
            if (!SourceHasFailed
                && Libc.shutdown(sink.Socket, Libc.SHUT_WR) < 0
                && Libc.LastError is not Errno.ENOTCONN and var error)
                return new PumpResult(PumpStop.SinkFailed, error);
        }

        return new PumpResult(PumpStop.Waiting);
    }

    /// <returns>False when the sink has failed.</returns>
    private bool TrySend(RelayJournal journal, ReadOnlySpan<byte> bytes, out bool isWhole, out PumpResult stop)
    {
        stop = default;
        isWhole = false;
        var sent = journal.Send(sink, bytes, slot, isUp);
        if (sent < 0)
        {
            var error = Libc.LastError;
            if (error is not (Errno.EAGAIN or Errno.EINTR))
            {
                stop = new PumpResult(PumpStop.SinkFailed, error);
                return false;
            }

            sink.MayWrite = error == Errno.EINTR;
            return true;
        }

        // A stream that takes less than it is given is full; it reports when there is room again.
        isWhole = sink.MayWrite = sent == bytes.Length;
        _mostCopied = isWhole ? (int)Math.Min(2L * _mostCopied, int.MaxValue) : Math.Max(LeastCopied, 2 * sent);
        Volatile.Write(ref _moved, _moved + sent);
        return true;
    }
}
