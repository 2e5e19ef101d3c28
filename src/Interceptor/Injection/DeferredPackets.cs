namespace Middlebox.Interceptor.Injection;

/// <summary>
/// Packets that are kept for a moment because what decides about them is just being found out. Owned by one packet thread,
/// bounded in number and time.
/// </summary>
internal sealed class DeferredPackets(TimeProvider time)
{
    private const int Capacity = 256;

    /// <summary>Enough for an accept or an end on a loaded machine, and less than the second after which a SYN is repeated.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    private readonly Queue<Kept> _packets = new();

    public int Count => _packets.Count;

    /// <summary>Copies a packet; false if as many are kept as there is room for.</summary>
    public bool TryKeep(ReadOnlySpan<byte> packet)
    {
        if (_packets.Count == Capacity)
            return false;
        _packets.Enqueue(new Kept(packet.ToArray(), time.GetTimestamp()));
        return true;
    }

    /// <summary>The packet kept for longest.</summary>
    public Kept Take() => _packets.Dequeue();

    /// <summary>Keeps on keeping a packet that was taken.</summary>
    public void Return(Kept packet) => _packets.Enqueue(packet);

    public bool HasExpired(Kept packet) => time.GetElapsedTime(packet.Since) >= Patience;

    /// <summary>A copy of a packet, and the clock's time stamp when it came.</summary>
    public readonly record struct Kept(byte[] Bytes, long Since);
}
