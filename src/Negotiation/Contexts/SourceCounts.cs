using System.Runtime.InteropServices;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Negotiation.Contexts;

/// <summary>
/// How many contexts, handshakes that wait for their clients, or connections that are looked at, each source has, so that no source has all of them. A source is an
/// IPv4 address or an IPv6 prefix of 64 bits, which is what one host can choose from (RFC 4291 section 2.5.4). As many sources as contexts at most; nothing is
/// allocated once there have been so many.
/// </summary>
public sealed class SourceCounts
{
    private readonly Dictionary<HostAddress, int> _counts = [];

    /// <summary>Sources that have any.</summary>
    public int Count => _counts.Count;

    /// <summary>Whether the client's source may have one more.</summary>
    /// <param name="flow">The client's connection.</param>
    /// <param name="limit">Most of a source.</param>
    public bool HasRoom(in FlowKey flow, int limit) => !_counts.TryGetValue(flow.Client.Address.Source, out var count) || count < limit;

    public void Add(in FlowKey flow) => CollectionsMarshal.GetValueRefOrAddDefault(_counts, flow.Client.Address.Source, out _)++;

    /// <summary>To be called once for each <see cref="Add"/>.</summary>
    public void Remove(in FlowKey flow)
    {
        var source = flow.Client.Address.Source;
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, source, out _);
        if (--count == 0)
            _counts.Remove(source);
    }
}
