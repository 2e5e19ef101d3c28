namespace Middlebox.Negotiation.Claims;

/// <summary>
/// The keys that the operator's proxies and P-aware hosts share, by their ids, and the proxies that there are. Immutable.
/// Several keys are valid at a time, so that they can be rolled; one of them signs.
/// </summary>
public sealed class ClaimKeyRing
{
    /// <summary>Shortest key in bytes: the strength of the tag's hash is of no use with less.</summary>
    public const int MinimumKeyLength = 16;

    private readonly byte[]?[] _keys = new byte[]?[ClaimConstants.KeyIdMask + 1];

    /// <param name="keys">Keys by id, 0 to 63; at least one.</param>
    /// <param name="signingKeyId">Id of the key that signs.</param>
    /// <param name="proxies">Ids of the operator's proxies: a SYN/ACK's claim has no room for its proxy's id, so it is tried.</param>
    public ClaimKeyRing(IReadOnlyDictionary<byte, byte[]> keys, byte signingKeyId, IEnumerable<ushort> proxies)
    {
        foreach (var (id, key) in keys)
            _keys[id] = key;
        SigningKeyId = signingKeyId;
        Proxies = [.. proxies];
    }

    public byte SigningKeyId { get; }

    public IReadOnlyList<ushort> Proxies { get; }

    public ReadOnlySpan<byte> SigningKey => _keys[SigningKeyId];

    /// <summary>False if there is no such key.</summary>
    public bool TryFind(byte id, out ReadOnlySpan<byte> key)
    {
        key = _keys[id];
        return !key.IsEmpty;
    }
}
