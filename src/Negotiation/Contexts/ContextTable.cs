using System.Numerics;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Contexts;

/// <summary>
/// The contexts of one packet thread: a chained hash table with a fixed upper bound, and one list per state, oldest first,
/// so that ageing looks only at what has aged. Owned by that thread; nothing here is safe for a second one.
/// </summary>
/// <remarks>
/// Slots live in blocks that are allocated when first needed and kept, so that a slot never moves, adding one costs no
/// allocation once the table has been that full before, and a flood cannot grow it beyond its bound.
/// </remarks>
internal sealed class ContextTable
{
    private const int BlockShift = 10;
    private const int BlockLength = 1 << BlockShift;
    private const int None = -1;

    private readonly int _capacity;
    private readonly int[] _buckets;
    private readonly ConnectionContext[]?[] _blocks;
    private readonly AgeList[] _ages = [new(), new(), new(), new()];
    private int _used;
    private int _free = None;

    /// <param name="capacity">Most contexts at a time, at least 1.</param>
    public ContextTable(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _buckets = new int[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        Array.Fill(_buckets, None);
        _blocks = new ConnectionContext[]?[(capacity + BlockLength - 1) >> BlockShift];
    }

    public int Count { get; private set; }

    /// <summary>Contexts in a state.</summary>
    public int CountOf(ContextState state) => _ages[(int)state].Count;

    public ref ConnectionContext this[int slot] => ref _blocks[slot >> BlockShift]![slot & (BlockLength - 1)];

    public bool TryFind(in FlowKey flow, out int slot)
    {
        for (slot = _buckets[BucketOf(in flow)]; slot != None; slot = this[slot].NextInBucket)
        {
            if (this[slot].Flow.Equals(flow))
                return true;
        }

        return false;
    }

    /// <summary>Adds a context that awaits the server; the flow must not be in the table.</summary>
    /// <returns>False if the table is full.</returns>
    public bool TryAdd(in FlowKey flow, long now, out int slot)
    {
        if (!TryTakeSlot(out slot))
            return false;
        ref var context = ref this[slot];
        ref var bucket = ref _buckets[BucketOf(in flow)];
        context.Flow = flow;
        context.NextInBucket = bucket;
        bucket = slot;
        Append(slot, ContextState.AwaitingServer, now);
        Count++;
        return true;
    }

    public void Remove(int slot)
    {
        ref var context = ref this[slot];
        ref var link = ref _buckets[BucketOf(in context.Flow)];
        while (link != slot)
            link = ref this[link].NextInBucket;
        link = context.NextInBucket;

        Unlink(slot);
        context.Handshake = null;
        context.ClaimedBy = null;
        context.Admission = null;
        context.NextInBucket = _free;
        _free = slot;
        Count--;
    }

    /// <summary>Makes the context the youngest of <paramref name="state"/>.</summary>
    public void Renew(int slot, ContextState state, long now)
    {
        Unlink(slot);
        Append(slot, state, now);
    }

    /// <summary>The context that has been in a state for longest, if it entered it at or before a time stamp.</summary>
    public bool TryOldest(ContextState state, long enteredBy, out int slot)
    {
        slot = _ages[(int)state].Oldest;
        return slot != None && this[slot].Since <= enteredBy;
    }

    private int BucketOf(in FlowKey flow) => flow.GetHashCode() & (_buckets.Length - 1);

    private bool TryTakeSlot(out int slot)
    {
        if (_free != None)
        {
            slot = _free;
            _free = this[slot].NextInBucket;
            return true;
        }

        slot = _used;
        if (slot == _capacity)
            return false;
        _blocks[slot >> BlockShift] ??= new ConnectionContext[Math.Min(BlockLength, _capacity - (slot & ~(BlockLength - 1)))];
        _used++;
        return true;
    }

    private void Append(int slot, ContextState state, long now)
    {
        ref var list = ref _ages[(int)state];
        ref var context = ref this[slot];
        context.State = state;
        context.Since = now;
        context.Older = list.Youngest;
        context.Newer = None;
        if (list.Youngest == None)
            list.Oldest = slot;
        else
            this[list.Youngest].Newer = slot;
        list.Youngest = slot;
        list.Count++;
    }

    private void Unlink(int slot)
    {
        ref var context = ref this[slot];
        ref var list = ref _ages[(int)context.State];
        if (context.Older == None)
            list.Oldest = context.Newer;
        else
            this[context.Older].Newer = context.Newer;
        if (context.Newer == None)
            list.Youngest = context.Older;
        else
            this[context.Newer].Older = context.Older;
        list.Count--;
    }

    private struct AgeList()
    {
        public int Oldest = None;
        public int Youngest = None;
        public int Count;
    }
}
