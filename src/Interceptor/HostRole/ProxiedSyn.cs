using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.HostRole;

/// <summary>A SYN of this host's that was sent to the proxy and is not answered yet.</summary>
/// <param name="flow">The connection as this host sees it.</param>
/// <param name="proxy">The proxy.</param>
/// <param name="isn">Its initial sequence number.</param>
/// <param name="packet">The SYN as the kernel has made it.</param>
/// <param name="since">The clock's time stamp.</param>
internal sealed class ProxiedSyn(in FlowKey flow, in HostEndpoint proxy, uint isn, byte[] packet, long since)
{
    public FlowKey Flow { get; } = flow;

    /// <summary>The connection as its answers come in, before they are translated back.</summary>
    public FlowKey ToProxy { get; } = new(flow.Client, proxy);

    public uint Isn { get; } = isn;

    public byte[] Packet { get; } = packet;

    public long Since { get; } = since;

    /// <summary>Whether it goes to the server itself by now.</summary>
    public bool IsDirect { get; set; }

    /// <summary>How often it was sent.</summary>
    public int Sent { get; set; } = 1;
}
