using System.Buffers;
using Middlebox.Native;

namespace Middlebox.ProxyEngine.Relay;

/// <summary>
/// Moves the bytes of one direction of a flow, in order, and then its end: when the source has said all, the sink is told
/// so and the other direction goes on (half-close, RFC 9293 section 3.6). Owned by the flow's relay thread.
/// </summary>
/// <remarks>
/// Nothing is read while bytes wait to be written, so a slow sink slows the source through its receive window. A buffer
/// is held only as long as bytes wait in it.
/// </remarks>
internal sealed class Pump(Leg source, Leg sink)
{
    // Other flows of the thread get their turn after this many bytes.
    private const long BudgetBytes = 1 << 20;

    private byte[]? _waiting;
    private int _waitingOffset;
    private int _waitingLength;
    private bool _sourceEnded;
    private long _moved;

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
    /// <param name="buffer">The thread's own buffer.</param>
    public PumpResult Run(Span<byte> buffer)
    {
        for (var budget = BudgetBytes; budget > 0;)
        {
            if (_waitingLength > 0)
            {
                if (!TryWriteWaiting(out var stop))
                    return stop;
                continue;
            }

            if (_sourceEnded || !source.MayRead)
                return Finish();

            var count = Libc.recv(source.Socket, ref buffer[0], buffer.Length, Libc.MSG_DONTWAIT);
            switch (count)
            {
                case > 0:
                    budget -= count;
                    // A stream that gives less than it could is empty; it reports when there is more. An end that has been
                    // reported is not reported again, and still to be read.
                    source.MayRead = count == buffer.Length || source.HasEnded;
                    if (!TryWrite(buffer[..(int)count], out var stop))
                        return stop;
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

    /// <summary>Gives back the buffer of a flow that ends before its time.</summary>
    public void Discard()
    {
        if (_waiting is not null)
            ArrayPool<byte>.Shared.Return(_waiting);
        _waiting = null;
        _waitingLength = 0;
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

    private bool TryWrite(ReadOnlySpan<byte> bytes, out PumpResult stop)
    {
        var sent = sink.MayWrite ? Send(bytes, out stop) : Refuse(out stop);
        if (sent < 0)
            return false;
        if (sent < bytes.Length)
            Keep(bytes[sent..]);
        return true;

        static int Refuse(out PumpResult stop)
        {
            stop = default;
            return 0;
        }
    }

    private bool TryWriteWaiting(out PumpResult stop)
    {
        stop = new PumpResult(PumpStop.Waiting);
        if (!sink.MayWrite)
            return false;
        var sent = Send(_waiting.AsSpan(_waitingOffset, _waitingLength), out stop);
        if (sent < 0)
            return false;
        _waitingOffset += sent;
        _waitingLength -= sent;
        if (_waitingLength == 0)
            Discard();
        return true;
    }

    /// <returns>Bytes taken, or -1 when the sink has failed.</returns>
    private int Send(ReadOnlySpan<byte> bytes, out PumpResult stop)
    {
        stop = default;
        var sent = Libc.send(sink.Socket, in bytes[0], bytes.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
        if (sent < 0)
        {
            var error = Libc.LastError;
            if (error is not (Errno.EAGAIN or Errno.EINTR))
            {
                stop = new PumpResult(PumpStop.SinkFailed, error);
                return -1;
            }

            sent = 0;
            sink.MayWrite = error == Errno.EINTR;
            return 0;
        }

        // A stream that takes less than it is given is full; it reports when there is room again.
        sink.MayWrite = sent == bytes.Length;
        Volatile.Write(ref _moved, _moved + sent);
        return (int)sent;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _waiting = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(_waiting);
        _waitingOffset = 0;
        _waitingLength = bytes.Length;
    }
}
