using System.Buffers.Binary;
using System.Security.Cryptography;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.HostRole;

/// <summary>Which server a subflow is for, by the token of its MP_JOIN. Owned by one thread; the oldest of too many are forgotten.</summary>
/// <param name="capacity">Most connections that are remembered.</param>
internal sealed class JoinableServers(int capacity)
{
    private readonly Dictionary<uint, Joinable> _servers = [];
    private readonly Queue<uint> _order = new();

    /// <param name="key">The key of the server's MP_CAPABLE.</param>
    /// <param name="server">Address and port.</param>
    /// <param name="acting">The proxy, if the key is the proxy's, which acts for the server; null if it is the server's.</param>
    public void Add(ulong key, in HostEndpoint server, HostEndpoint? acting)
    {
        if (!_servers.TryAdd(TokenOf(key), new Joinable(server, acting)))
            return;
        _order.Enqueue(TokenOf(key));
        if (_order.Count > capacity)
            _servers.Remove(_order.Dequeue());
    }

    /// <summary>
    /// Where a subflow is to go that the kernel opens to the server's address: to the proxy that acts, or from the port that the proxy has announced to the server's.
    /// </summary>
    /// <param name="token">Of its MP_JOIN.</param>
    /// <param name="destination">Where the kernel sends it.</param>
    /// <param name="target">Where it is to go.</param>
    /// <returns>False if it is well as it is.</returns>
    public bool TryFind(uint token, in HostEndpoint destination, out HostEndpoint target)
    {
        target = default;
        if (!_servers.TryGetValue(token, out var joinable) || destination.Address != joinable.Server.Address)
            return false;
        target = joinable.Acting ?? joinable.Server;
        return target != destination;
    }

    /// <summary>The leftmost 32 bits of SHA-256 over the key (RFC 8684 section 3.2).</summary>
    private static uint TokenOf(ulong key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, key);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }

    private readonly record struct Joinable(HostEndpoint Server, HostEndpoint? Acting);
}
