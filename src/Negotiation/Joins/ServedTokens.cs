using System.Collections.Concurrent;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Joins;

/// <summary>
/// The tokens of the MPTCP connections that this box terminates (RFC 8684 section 3.2). Written when a connection is
/// accepted or ends, read by the packet threads for every MP_JOIN without a lock.
/// </summary>
/// <remarks>
/// The kernel chooses a token and tells it only after the handshake, so a client's first MP_JOIN may overtake the news: on
/// a short path it does. Servers for which a token is expected are therefore known too. The last MP_JOIN of a short
/// connection may come after its end, so a token stays known for a moment: the kernel refuses the join then, which the server,
/// where nobody ever heard of MPTCP, would take for a connection.
/// </remarks>
/// <param name="time">The clock.</param>
public sealed class ServedTokens(TimeProvider time)
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<uint, Connection> _connections = new();
    private readonly Queue<Ended> _ended = new();
    private readonly ConcurrentDictionary<HostEndpoint, int> _expected = new();

    /// <summary>A handshake towards this server is being completed; ended by <see cref="Unexpect"/>.</summary>
    public void Expect(in HostEndpoint server) => _expected.AddOrUpdate(server, 1, static (_, count) => count + 1);

    public void Unexpect(in HostEndpoint server)
    {
        var count = _expected.AddOrUpdate(server, 0, static (_, count) => count - 1);
        if (count <= 0)
            _expected.TryRemove(KeyValuePair.Create(server, count));
    }

    public bool IsExpectedFor(in HostEndpoint destination) => _expected.TryGetValue(destination, out var count) && count > 0;

    public void Add(uint token, in HostEndpoint server) => _connections[token] = new Connection(server);

    /// <summary>The connection has ended; forgotten, with those that have ended before, a moment later.</summary>
    public void Remove(uint token)
    {
        if (!_connections.TryGetValue(token, out var connection))
            return;
        lock (_ended)
        {
            _ended.Enqueue(new Ended(token, connection, time.GetTimestamp()));
            while (_ended.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Since) >= Linger)
            {
                // Unless another connection has got the same token meanwhile.
                _connections.TryRemove(KeyValuePair.Create(oldest.Token, oldest.Connection));
                _ended.Dequeue();
            }
        }
    }

    /// <summary>
    /// Whether an MP_JOIN is for this box: its token is ours and it goes to the address and port that the connection was
    /// made to, which is where the kernel takes it. Any other belongs to somebody else, whose connection must not be reset.
    /// </summary>
    public bool Serves(uint token, in HostEndpoint destination) =>
        _connections.TryGetValue(token, out var connection) && connection.Server.Equals(destination);

    private sealed class Connection(HostEndpoint server)
    {
        public HostEndpoint Server => server;
    }

    private readonly record struct Ended(uint Token, Connection Connection, long Since);
}
