using Middlebox.Interceptor.Tracking;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.HostRole;

/// <summary>What the two protocols of the host role have in common: which proxy serves a server, whether it answers, and what becomes of connections without it. Owned by one thread.</summary>
internal sealed class ProxyUse(HostProxyOptions options, IConnectionTracking tracking, PacketMarks marks, TimeProvider time)
{
    private readonly HostProxies _proxies = new(options);
    private readonly Dictionary<HostEndpoint, long> _silentSince = [];

    /// <inheritdoc cref="HostProxies.Find"/>
    public HostEndpoint? Find(HostEndpoint server) => _proxies.Find(server);

    /// <summary>Whether a proxy has not answered, and is left alone for that.</summary>
    public bool IsSilent(in HostEndpoint proxy) =>
        _silentSince.TryGetValue(proxy, out var since) && time.GetElapsedTime(since) < options.RetryAfter;

    public void NoteSilence(in HostEndpoint proxy) => _silentSince[proxy] = time.GetTimestamp();

    public void NoteAnswer(in HostEndpoint proxy) => _silentSince.Remove(proxy);

    /// <summary>Has the kernel translate a connection, unless one with its addresses and ports lives.</summary>
    /// <param name="flow">The connection, whose first packet is about to pass.</param>
    /// <param name="destination">Where its packets are to go instead; null for no change.</param>
    /// <param name="mark">The entry's mark.</param>
    public bool TryTranslate(in FlowKey flow, HostEndpoint? destination, uint mark)
    {
        var created = tracking.Create(in flow, source: null, destination, mark);
        if (created == Errno.EEXIST && !(tracking.TryFind(in flow, out var entry) && entry.IsAlive))
        {
            tracking.Delete(in flow);
            created = tracking.Create(in flow, source: null, destination, mark);
        }

        return created == Errno.None;
    }

    /// <summary>The connection passes as it is, unless it is to be refused.</summary>
    public void GoWithout(in FlowKey flow)
    {
        if (options.WhenUnreachable == UnreachableProxy.Refuse)
            Refuse(in flow);
    }

    /// <summary>A rule rejects what belongs to an entry with that mark.</summary>
    public void Refuse(in FlowKey flow) => TryTranslate(in flow, destination: null, marks.Refused);
}
