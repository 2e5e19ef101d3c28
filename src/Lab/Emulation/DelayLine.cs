namespace Middlebox.Lab.Emulation;

/// <summary>
/// Packets on their way, as numbers of the slots that hold their bytes, by the time of their arrival; those of one time in the order in which they were
/// put in. Used by one thread; allocates only when more packets than ever before are on their way.
/// </summary>
internal sealed class DelayLine
{
    private readonly PriorityQueue<int, (long ArrivalNanoseconds, long Order)> _slots = new(
        Comparer<(long ArrivalNanoseconds, long Order)>.Create((left, right) =>
            left.ArrivalNanoseconds != right.ArrivalNanoseconds
                ? left.ArrivalNanoseconds.CompareTo(right.ArrivalNanoseconds)
                : left.Order.CompareTo(right.Order)));

    private long _order;

    /// <summary>Packets on their way.</summary>
    public int Count => _slots.Count;

    /// <summary>When the next packet arrives; <see cref="LinkClock.Never"/> if none is on its way.</summary>
    public long NextNanoseconds => _slots.TryPeek(out _, out var key) ? key.ArrivalNanoseconds : LinkClock.Never;

    /// <summary>Puts a packet on its way.</summary>
    public void Add(int slot, long arrivalNanoseconds) => _slots.Enqueue(slot, (arrivalNanoseconds, _order++));

    /// <summary>Takes the next packet that has arrived by now.</summary>
    public bool TryTake(long nowNanoseconds, out int slot)
    {
        if (_slots.TryPeek(out slot, out var key) && key.ArrivalNanoseconds <= nowNanoseconds)
        {
            _slots.Dequeue();
            return true;
        }

        slot = -1;
        return false;
    }
}
