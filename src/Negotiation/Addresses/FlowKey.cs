namespace Middlebox.Negotiation.Addresses;

/// <summary>A TCP connection's four-tuple, seen from the peer that sent the first SYN.</summary>
/// <param name="Client">The sender of the first SYN.</param>
/// <param name="Server">The receiver of the first SYN.</param>
public readonly record struct FlowKey(HostEndpoint Client, HostEndpoint Server)
{
    /// <summary>The same four-tuple with the roles exchanged.</summary>
    public FlowKey Reversed => new(Server, Client);

    /// <summary>A hash keyed per process: equal within one run, not between runs.</summary>
    public override int GetHashCode() =>
        FlowHash.Of(Client.Address, Server.Address, ((uint)Client.Port.Value << 16) | Server.Port.Value);

    public override string ToString() => $"{Client} > {Server}";
}
