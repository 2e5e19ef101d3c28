using System.Buffers.Binary;
using System.Security.Cryptography;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.HostRole;

/// <summary>Which server a subflow is for, by the token of its MP_JOIN. Owned by one thread; the oldest of too many are forgotten.</summary>
/// <param name="capacity">Most connections that are remembered.</param>
internal sealed class JoinableServers(int capacity)
{
    private readonly Dictionary<uint, HostEndpoint> _servers = [];
    private readonly Queue<uint> _order = new();

    /// <param name="key">The key of the server's MP_CAPABLE.</param>
    /// <param name="server">Address and port.</param>
    public void Add(ulong key, in HostEndpoint server)
    {
        if (!_servers.TryAdd(TokenOf(key), server))
            return;
        _order.Enqueue(TokenOf(key));
        if (_order.Count > capacity)
            _servers.Remove(_order.Dequeue());
    }

    public bool TryFind(uint token, out HostEndpoint server) => _servers.TryGetValue(token, out server);

    /// <summary>The leftmost 32 bits of SHA-256 over the key (RFC 8684 section 3.2).</summary>
    private static uint TokenOf(ulong key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, key);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }
}
