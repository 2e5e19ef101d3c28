namespace Middlebox.Native.Bpf;

/// <summary>
/// A table of the kernel's that a BPF program looks things up in: BPF_MAP_TYPE_LRU_HASH, which makes room for a new entry by forgetting one that was not used for long.
/// All of it is allocated at once. Any thread may write to it.
/// </summary>
public sealed class BpfMap : IDisposable
{
    private const int BPF_MAP_TYPE_LRU_HASH = 9;

    private readonly int _keyLength;
    private readonly int _valueLength;

    /// <param name="name">That tools show: 15 letters, digits and underscores at most.</param>
    /// <param name="keyLength">Octets of a key.</param>
    /// <param name="valueLength">Octets of a value.</param>
    /// <param name="capacity">Entries at most.</param>
    /// <exception cref="ErrnoException">EPERM: CAP_BPF is needed. ENOSYS: this kernel has no BPF.</exception>
    public BpfMap(string name, int keyLength, int valueLength, int capacity)
    {
        _keyLength = keyLength;
        _valueLength = valueLength;
        Span<byte> attributes = stackalloc byte[BpfCall.AttributesLength];
        attributes.Clear();
        BpfCall.Write(attributes, 0, BPF_MAP_TYPE_LRU_HASH);
        BpfCall.Write(attributes, 4, keyLength);
        BpfCall.Write(attributes, 8, valueLength);
        BpfCall.Write(attributes, 12, capacity);
        BpfCall.WriteName(attributes, 28, name);
        Descriptor = BpfCall.Create(BpfCall.BPF_MAP_CREATE, attributes);
        if (Descriptor.IsInvalid)
            throw ErrnoException.Last("bpf", "BPF_MAP_CREATE");
    }

    internal FileDescriptor Descriptor { get; }

    /// <summary>Makes an entry, or replaces it.</summary>
    /// <exception cref="ArgumentException">A length is not that of the table.</exception>
    public unsafe Errno Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.Length != _keyLength || value.Length != _valueLength)
            throw new ArgumentException($"{key.Length} and {value.Length} octets instead of {_keyLength} and {_valueLength}.");
        Span<byte> attributes = stackalloc byte[BpfCall.AttributesLength];
        attributes.Clear();
        BpfCall.Write(attributes, 0, Descriptor.Number);
        fixed (byte* keyAddress = key, valueAddress = value)
        {
            BpfCall.Write(attributes, 8, keyAddress);
            BpfCall.Write(attributes, 16, valueAddress);
            return BpfCall.Do(BpfCall.BPF_MAP_UPDATE_ELEM, attributes);
        }
    }

    public void Dispose() => Descriptor.Dispose();
}
