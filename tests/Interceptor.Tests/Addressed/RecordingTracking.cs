using Middlebox.Interceptor.Tracking;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.Tests.Addressed;

/// <summary>A table of connections as the kernel's, for tests without one.</summary>
internal sealed class RecordingTracking : IConnectionTracking
{
    public Dictionary<FlowKey, (HostAddress? Source, HostEndpoint? Destination, uint Mark)> Entries { get; } = [];

    /// <summary>State of all connections, TCP_CONNTRACK_*; 1 is SYN_SENT, 3 ESTABLISHED.</summary>
    public byte State { get; set; } = 1;

    /// <summary>Whether the kernel reads what is in the segments of all connections.</summary>
    public bool HasHelper { get; set; }

    public bool IsFull { get; set; }

    /// <summary>Connections whose segments are not judged by windows.</summary>
    public HashSet<FlowKey> Trusted { get; } = [];

    public Errno Create(in FlowKey flow, HostAddress? source, HostEndpoint? destination, uint mark) =>
        IsFull ? Errno.ENOMEM : Entries.TryAdd(flow, (source, destination, mark)) ? Errno.None : Errno.EEXIST;

    public Errno CreateBegun(in FlowKey flow, uint mark) => Create(in flow, source: null, destination: null, mark);

    public void Mark(in FlowKey flow, uint mark)
    {
        if (Entries.TryGetValue(flow, out var entry))
            Entries[flow] = entry with { Mark = mark };
    }

    public bool TryTrust(in FlowKey flow) => Entries.ContainsKey(flow) && (Trusted.Add(flow) || true);

    public void Delete(in FlowKey flow) => Entries.Remove(flow);

    public bool TryFind(in FlowKey flow, out ConntrackEntry entry)
    {
        entry = default;
        if (!Entries.TryGetValue(flow, out var found))
            return false;
        entry = new ConntrackEntry(found.Destination ?? flow.Server, new HostEndpoint(found.Source ?? flow.Client.Address, flow.Client.Port), State, HasHelper);
        return true;
    }
}
