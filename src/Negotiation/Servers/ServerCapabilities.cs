using System.Collections.Concurrent;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Servers;

/// <summary>
/// What is known of servers to which legacy clients connect, each an address and port. Shared by the packet threads: looking one up takes
/// no lock, learning what is known already writes nothing.
/// </summary>
/// <remarks>
/// A wrong entry costs no connection: a server taken for capable is dialled and answers as it can, one taken for legacy is left alone until
/// the entry has expired. A full cache forgets what has expired, and if that is nothing, the older half.
/// </remarks>
/// <param name="options">Bound and life times.</param>
/// <param name="time">The clock.</param>
public sealed class ServerCapabilities(NegotiationOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<HostEndpoint, Entry> _servers = new();
    private readonly Lock _writing = new();
    private long _version;

    /// <summary>Servers remembered.</summary>
    public int Count => _servers.Count;

    /// <summary>Another number whenever something was learnt or forgotten; may be read by any thread.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>What is known of a server now.</summary>
    public ServerCapability Find(in HostEndpoint server) =>
        _servers.TryGetValue(server, out var entry) && Remaining(entry) > TimeSpan.Zero ? entry.Capability : ServerCapability.Unknown;

    /// <summary>Remembers what a server has just shown, for the life time of that.</summary>
    public void Learn(in HostEndpoint server, ServerCapability capability)
    {
        // Busy servers show the same all the time: an entry in the first half of its life is good enough.
        if (_servers.TryGetValue(server, out var entry)
            && entry.Capability == capability
            && Remaining(entry) > LifetimeOf(capability) / 2)
            return;
        lock (_writing)
        {
            if (_servers.Count < options.MaxKnownServers || _servers.ContainsKey(server) || TryMakeRoom())
                Put(in server, new Entry(capability, time.GetTimestamp()));
        }
    }

    /// <summary>Remembers what an earlier run has learnt, unless it has expired, there is no room or something is known already.</summary>
    /// <param name="server">Address and port.</param>
    /// <param name="capability">What was learnt.</param>
    /// <param name="age">How long ago; less than nothing, because a clock was set back, counts as just now.</param>
    /// <returns>Whether it counts now.</returns>
    public bool TryRestore(in HostEndpoint server, ServerCapability capability, TimeSpan age)
    {
        if (age < TimeSpan.Zero)
            age = TimeSpan.Zero;
        if (age >= LifetimeOf(capability))
            return false;
        lock (_writing)
        {
            if (_servers.Count >= options.MaxKnownServers || _servers.ContainsKey(server))
                return false;
            Put(in server, new Entry(capability, time.GetTimestamp() - (long)(age.TotalSeconds * time.TimestampFrequency)));
            return true;
        }
    }

    /// <summary>What was known of a server has proved wrong.</summary>
    public void Forget(in HostEndpoint server)
    {
        lock (_writing)
        {
            if (_servers.TryRemove(server, out _))
                Volatile.Write(ref _version, _version + 1);
        }
    }

    /// <summary>Forgets all servers.</summary>
    /// <returns>How many there were.</returns>
    public int Clear()
    {
        lock (_writing)
        {
            var count = _servers.Count;
            _servers.Clear();
            Volatile.Write(ref _version, _version + 1);
            return count;
        }
    }

    /// <summary>Everything that counts now, in no order. For people, not for packets.</summary>
    public IReadOnlyList<KnownServer> ToList() =>
    [
        .. _servers
            .Select(pair => new KnownServer(
                pair.Key, pair.Value.Capability, time.GetElapsedTime(pair.Value.Since), Remaining(pair.Value)))
            .Where(server => server.Remaining > TimeSpan.Zero),
    ];

    private void Put(in HostEndpoint server, Entry entry)
    {
        _servers[server] = entry;
        Volatile.Write(ref _version, _version + 1);
    }

    private bool TryMakeRoom()
    {
        if (options.MaxKnownServers == 0)
            return false;
        var oldestFirst = _servers.ToArray();
        Array.Sort(oldestFirst, static (a, b) => a.Value.Since.CompareTo(b.Value.Since));
        var expired = 0;
        foreach (var pair in oldestFirst)
        {
            if (Remaining(pair.Value) <= TimeSpan.Zero && _servers.TryRemove(pair))
                expired++;
        }

        if (expired > 0)
            return true;
        foreach (var pair in oldestFirst.AsSpan(0, (oldestFirst.Length + 1) / 2))
            _servers.TryRemove(pair);
        return true;
    }

    private TimeSpan Remaining(Entry entry) => LifetimeOf(entry.Capability) - time.GetElapsedTime(entry.Since);

    private TimeSpan LifetimeOf(ServerCapability capability) => capability switch
    {
        ServerCapability.Capable => options.CapableServerLifetime,
        ServerCapability.DropsMpCapable => options.DroppingServerLifetime,
        _ => options.LegacyServerLifetime,
    };

    /// <param name="Capability">What was learnt.</param>
    /// <param name="Since">Time stamp of the clock.</param>
    private readonly record struct Entry(ServerCapability Capability, long Since);
}
