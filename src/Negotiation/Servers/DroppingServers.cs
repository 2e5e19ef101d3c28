using System.Collections.Concurrent;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Servers;

/// <summary>
/// Servers that answer a SYN only when MP_CAPABLE has been removed from it. Shared by the packet threads: looking one up
/// takes no lock.
/// </summary>
/// <remarks>
/// An entry counts on evidence only: the SYN without the option was answered and those with it were not, <see cref="RequiredSightings"/>
/// times. Once proves nothing, because that is also what it looks like when two SYNs get lost. A single answer to a SYN with
/// MP_CAPABLE is proof of the contrary, and erases the entry.
/// </remarks>
public sealed class DroppingServers(int capacity, TimeSpan lifetime, TimeProvider time)
{
    /// <summary>Connections that must have shown the same before a server counts as one that drops MP_CAPABLE.</summary>
    public const int RequiredSightings = 2;

    private readonly ConcurrentDictionary<HostEndpoint, Sightings> _servers = new();

    /// <summary>Servers remembered, those suspected after one sighting included.</summary>
    public int Count => _servers.Count;

    /// <summary>Whether a server is known to drop MP_CAPABLE.</summary>
    public bool Contains(in HostEndpoint server)
    {
        if (!_servers.TryGetValue(server, out var sightings))
            return false;
        if (!HasExpired(sightings))
            return sightings.Count >= RequiredSightings;
        _servers.TryRemove(KeyValuePair.Create(server, sightings));
        return false;
    }

    /// <summary>
    /// A connection has shown that the server answers without MP_CAPABLE only: remembered for the life time. A full cache first forgets what
    /// has expired, then takes no more.
    /// </summary>
    public void ReportDropped(in HostEndpoint server)
    {
        if (_servers.Count >= capacity)
            ForgetExpired();
        var now = time.GetTimestamp();
        if (_servers.TryGetValue(server, out var before) && !HasExpired(before))
            _servers.TryUpdate(server, new Sightings(now, Math.Min(before.Count + 1, RequiredSightings)), before);
        else if (_servers.Count < capacity)
            _servers[server] = new Sightings(now, 1);
    }

    /// <summary>The server has answered a SYN with MP_CAPABLE. Cheap unless it is remembered.</summary>
    public void ReportAnswered(in HostEndpoint server)
    {
        if (_servers.ContainsKey(server))
            _servers.TryRemove(server, out _);
    }

    private bool HasExpired(Sightings sightings) => time.GetElapsedTime(sightings.Last) >= lifetime;

    private void ForgetExpired()
    {
        foreach (var entry in _servers)
        {
            if (HasExpired(entry.Value))
                _servers.TryRemove(entry);
        }
    }

    /// <param name="Last">Time stamp of the clock at the last one.</param>
    /// <param name="Count">How many, up to <see cref="RequiredSightings"/>.</param>
    private readonly record struct Sightings(long Last, int Count);
}
