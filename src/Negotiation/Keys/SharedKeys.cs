namespace Middlebox.Negotiation.Keys;

/// <summary>
/// The keys that an operator's boxes and hosts share, by their ids, and the proxies that there are. Immutable.
/// Several keys are valid at a time, so that they can be rolled; one of them signs.
/// </summary>
public sealed class SharedKeys
{
    /// <summary>Shortest key in bytes: the strength of the tag's hash is of no use with less.</summary>
    public const int MinimumKeyLength = 16;

    /// <summary>Ids have 6 bits on the wire.</summary>
    public const byte HighestId = 63;

    private readonly ushort[] _proxies;
    private readonly byte[]?[] _keys = new byte[]?[HighestId + 1];

    /// <param name="keys">Keys by id, 0 to 63; at least one.</param>
    /// <param name="signingKeyId">Id of the key that signs.</param>
    /// <param name="proxies">Ids of the operator's proxies: a SYN/ACK's claim has no room for its proxy's id, so it is tried.</param>
    public SharedKeys(IReadOnlyDictionary<byte, byte[]> keys, byte signingKeyId, IEnumerable<ushort> proxies)
    {
        foreach (var (id, key) in keys)
            _keys[id] = key;
        SigningKeyId = signingKeyId;
        _proxies = [.. proxies];
    }

    public byte SigningKeyId { get; }

    /// <summary>A span, because it is walked on the packet path.</summary>
    public ReadOnlySpan<ushort> Proxies => _proxies;

    public ReadOnlySpan<byte> SigningKey => _keys[SigningKeyId];

    /// <summary>False if there is no such key.</summary>
    public bool TryFind(byte id, out ReadOnlySpan<byte> key)
    {
        key = _keys[id];
        return !key.IsEmpty;
    }
}
