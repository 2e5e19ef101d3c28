namespace Middlebox.Lab.Emulation;

/// <summary>
/// Room for the packets on their way, in slots of one size that are used again and again. There are more of them when they do not suffice, up to a limit.
/// Used by one thread.
/// </summary>
/// <param name="slotBytes">Bytes of the longest packet.</param>
/// <param name="capacity">Most packets at a time.</param>
internal sealed class PacketSlots(int slotBytes, int capacity)
{
    private readonly List<byte[]> _buffers = [];
    private readonly List<int> _lengths = [];
    private readonly Stack<int> _free = new();

    /// <summary>A slot that nobody has; -1 if all are taken and there may be no more.</summary>
    public int Take()
    {
        if (_free.TryPop(out var slot))
            return slot;
        if (_buffers.Count == capacity)
            return -1;
        _buffers.Add(new byte[slotBytes]);
        _lengths.Add(0);
        return _buffers.Count - 1;
    }

    /// <summary>Gives a slot back.</summary>
    public void Return(int slot) => _free.Push(slot);

    /// <summary>All bytes of a slot.</summary>
    public Span<byte> Buffer(int slot) => _buffers[slot];

    /// <summary>The packet in a slot.</summary>
    public ReadOnlySpan<byte> Packet(int slot) => _buffers[slot].AsSpan(0, _lengths[slot]);

    /// <summary>Says how long the packet in a slot is.</summary>
    public void SetLength(int slot, int bytes) => _lengths[slot] = bytes;

    /// <summary>Another slot with the same packet; -1 if there is none.</summary>
    public int Copy(int slot)
    {
        var copy = Take();
        if (copy < 0)
            return copy;
        Packet(slot).CopyTo(Buffer(copy));
        _lengths[copy] = _lengths[slot];
        return copy;
    }
}
