using System.Collections.Concurrent;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Servers;

/// <summary>
/// Servers that answer a SYN only when MP_CAPABLE has been removed from it. Shared by the packet threads: looking one up
/// takes no lock.
/// </summary>
/// <remarks>
/// An entry is made on evidence only - the SYN without the option was answered and those with it were not - so that a dead
/// server, or a stranger who repeats SYNs, does not make one.
/// </remarks>
public sealed class DroppingServers(int capacity, TimeSpan lifetime, TimeProvider time)
{
    private readonly ConcurrentDictionary<HostEndpoint, long> _learntAt = new();

    public int Count => _learntAt.Count;

    public bool Contains(in HostEndpoint server)
    {
        if (!_learntAt.TryGetValue(server, out var learntAt))
            return false;
        if (time.GetElapsedTime(learntAt) < lifetime)
            return true;
        _learntAt.TryRemove(KeyValuePair.Create(server, learntAt));
        return false;
    }

    /// <summary>Remembers a server for the life time. A full cache first forgets what has expired, then takes no more.</summary>
    public void Add(in HostEndpoint server)
    {
        if (_learntAt.Count >= capacity)
            ForgetExpired();
        if (_learntAt.Count < capacity)
            _learntAt[server] = time.GetTimestamp();
    }

    private void ForgetExpired()
    {
        foreach (var entry in _learntAt)
        {
            if (time.GetElapsedTime(entry.Value) >= lifetime)
                _learntAt.TryRemove(entry);
        }
    }
}
