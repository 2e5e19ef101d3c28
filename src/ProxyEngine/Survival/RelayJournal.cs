using Middlebox.Native;
using Middlebox.ProxyEngine.Relay;

namespace Middlebox.ProxyEngine.Survival;

/// <summary>
/// The calls by which one relay thread moves bytes, each written down in the ledger before it is made: wherever the process is killed, the ledger
/// tells which bytes have been sent and which have been consumed. Owned by the thread.
/// </summary>
/// <param name="ledger">Where it is written.</param>
/// <param name="thread">Number of the thread.</param>
/// <param name="bufferLength">Most bytes moved at a time.</param>
internal sealed class RelayJournal(FlowLedger ledger, int thread, int bufferLength)
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(bufferLength, pinned: true);

    /// <summary>The thread's buffer: copies of bytes that still wait in their source.</summary>
    public Span<byte> Buffer => _buffer;

    /// <summary>Gives bytes to a sink without waiting.</summary>
    /// <returns>Bytes taken, or -1 with an error in <see cref="Libc.LastError"/>.</returns>
    public int Send(Leg sink, ReadOnlySpan<byte> bytes, int slot, bool isUp)
    {
        ref var operation = ref ledger.OperationOf(thread);
        ref var direction = ref DirectionOf(slot, isUp);
        operation.Call.Clear();
        operation.Slot = slot;
        operation.IsUp = isUp;
        operation.Before = direction.Sent;
        Begin(ref operation, RelayOperationKind.Send);
        var sent = operation.Call.Send(sink.Socket, bytes);
        if (sent > 0)
            direction.Sent = operation.Before + sent;
        End(ref operation);
        return sent;
    }

    /// <summary>Takes bytes off a source that have been sent.</summary>
    /// <returns>Bytes taken, or -1 with an error in <see cref="Libc.LastError"/>.</returns>
    public int Consume(Leg source, long count, int slot, bool isUp)
    {
        ref var operation = ref ledger.OperationOf(thread);
        ref var direction = ref DirectionOf(slot, isUp);
        var space = _buffer.AsSpan(0, (int)Math.Min(count, _buffer.Length));
        operation.Call.Clear();
        operation.Slot = slot;
        operation.IsUp = isUp;
        operation.Length = space.Length;
        operation.Before = direction.Consumed;
        Begin(ref operation, RelayOperationKind.Consume);
        var consumed = operation.Call.Consume(source.Socket, space);
        if (consumed > 0)
            direction.Consumed = operation.Before + consumed;
        End(ref operation);
        return consumed;
    }

    /// <summary>Bytes that have been sent and are still to be consumed: none, unless the process ended between the two.</summary>
    public long UnconsumedOf(int slot, bool isUp)
    {
        ref var direction = ref DirectionOf(slot, isUp);
        return direction.Sent - direction.Consumed;
    }

    // Whoever reads the ledger later must not find the kind without the rest.
    private static void Begin(ref RelayOperation operation, RelayOperationKind kind)
    {
        Volatile.WriteBarrier();
        operation.Kind = kind;
    }

    // Nor must the call be forgotten before its outcome is in the flow's record; entered twice it does no harm.
    private static void End(ref RelayOperation operation)
    {
        Volatile.WriteBarrier();
        operation.Kind = RelayOperationKind.None;
    }

    private ref DirectionRecord DirectionOf(int slot, bool isUp)
    {
        ref var record = ref ledger[slot];
        return ref isUp ? ref record.Up : ref record.Down;
    }
}
