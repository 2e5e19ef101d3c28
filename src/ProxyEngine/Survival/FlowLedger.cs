using System.Runtime.CompilerServices;
using Middlebox.Native;

namespace Middlebox.ProxyEngine.Survival;

/// <summary>
/// The records of all flows and of what the relay threads are doing with their bytes, in memory that outlives the process. Places are taken and
/// given back by any thread; a record is written by the thread that relays its flow.
/// </summary>
internal sealed class FlowLedger
{
    // Another layout, another number: a daemon that does not know it must not touch what it finds.
    private const ulong Layout = 0x4d42_584c_0000_0002;

    private const int LayoutOffset = 0;
    private const int UsedOffset = 8;
    private const int OperationsOffset = 4096;
    private const int OperationLength = 128;
    private const int MaximumThreads = 1024;
    private const int RecordsOffset = OperationsOffset + (OperationLength * MaximumThreads);

    private static readonly int RecordLength = (Unsafe.SizeOf<FlowRecord>() + 7) & ~7;

    private readonly SharedMemory _memory;
    private readonly int _capacity;
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();

    private FlowLedger(SharedMemory memory)
    {
        _memory = memory;
        _capacity = (int)((memory.Length - RecordsOffset) / RecordLength);
    }

    /// <summary>By which it can be held.</summary>
    public FileDescriptor Descriptor => _memory.Descriptor;

    /// <summary>Most relay threads.</summary>
    public static int ThreadLimit => MaximumThreads;

    // Slots that have ever been given; those above are all free.
    private ref int Used => ref _memory.At<int>(UsedOffset);

    /// <exception cref="ErrnoException">There is no memory.</exception>
    public static FlowLedger Create(int flows)
    {
        var memory = SharedMemory.Create("middlebox-flows", LengthFor(flows));
        memory.At<ulong>(LayoutOffset) = Layout;
        return new FlowLedger(memory);
    }

    /// <summary>What a process has left, brought to where its last system calls have left it; null if it is laid out in another way.</summary>
    /// <param name="descriptor">The memory.</param>
    /// <param name="flows">Flows for which there is to be room at least.</param>
    public static FlowLedger? Open(FileDescriptor descriptor, int flows)
    {
        var memory = SharedMemory.Open(descriptor, LengthFor(flows));
        if (memory.At<ulong>(LayoutOffset) != Layout)
            return null;
        var ledger = new FlowLedger(memory);
        for (var thread = 0; thread < MaximumThreads; thread++)
            ledger.Settle(ref ledger.OperationOf(thread));
        for (var slot = 0; slot < ledger.Used; slot++)
        {
            if (!ledger[slot].IsLive)
                ledger._free.Push(slot);
        }

        return ledger;
    }

    public ref FlowRecord this[int slot] => ref _memory.At<FlowRecord>(RecordsOffset + ((long)slot * RecordLength));

    /// <summary>The place for what a relay thread is doing.</summary>
    public ref RelayOperation OperationOf(int thread) => ref _memory.At<RelayOperation>(OperationsOffset + (thread * OperationLength));

    /// <summary>The slots of the flows that are written down.</summary>
    public IEnumerable<int> LiveSlots()
    {
        for (var slot = 0; slot < Used; slot++)
        {
            if (this[slot].IsLive)
                yield return slot;
        }
    }

    /// <summary>Writes a flow down; false if there is no room.</summary>
    public bool TryAdd(in FlowRecord record, out int slot)
    {
        lock (_lock)
        {
            if (!_free.TryPop(out slot))
            {
                if (Used == _capacity)
                    return false;
                slot = Used++;
            }
        }

        ref var place = ref this[slot];
        place = record;
        Volatile.Write(ref place.IsLive, true);
        return true;
    }

    /// <summary>The flow has ended; its slot is not given again before <see cref="Recycle"/>.</summary>
    public void Strike(int slot) => Volatile.Write(ref this[slot].IsLive, false);

    public void Recycle(int slot)
    {
        lock (_lock)
            _free.Push(slot);
    }

    /// <summary>Enters what came of a call during which, or just after which, the process ended.</summary>
    private void Settle(ref RelayOperation operation)
    {
        if (operation.Kind != RelayOperationKind.None && (uint)operation.Slot < (uint)_capacity)
        {
            ref var record = ref this[operation.Slot];
            ref var direction = ref operation.IsUp ? ref record.Up : ref record.Down;
            if (operation.Kind == RelayOperationKind.Send)
                direction.Sent = operation.Before + operation.Call.Sent;
            else
                direction.Consumed = operation.Before + (operation.Call.HasConsumed ? operation.Length : 0);
        }

        operation.Kind = RelayOperationKind.None;
    }

    private static long LengthFor(int flows) => RecordsOffset + ((long)flows * RecordLength);
}
