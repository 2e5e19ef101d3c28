namespace Middlebox.Interceptor;

/// <summary>Section <c>Middlebox:Interceptor</c>: how packets reach the daemon, and by which names and numbers.</summary>
public sealed record InterceptorOptions
{
    /// <value>Queues, one thread each; the kernel spreads pairs of hosts over them. Default 1; 1 to 64.</value>
    public int Queues { get; init; } = 1;

    /// <value>Number of the first NFQUEUE queue. Default 4200; first and last must be 0 to 65,535.</value>
    public int FirstQueue { get; init; } = 4200;

    /// <value>Packets that wait in a queue before the kernel lets further ones pass. Default 4,096; 16 to 65,536.</value>
    public int QueueLength { get; init; } = 4096;

    /// <value>Name of the TUN device through which SYNs are injected. Default <c>mbx0</c>; 1 to 15 letters, digits, - and _.</value>
    public string Device { get; init; } = "mbx0";

    /// <value>
    /// The bits of the packet mark that are the box's, hexadecimal. Default <c>0x0f000000</c>; at least two adjacent bits.
    /// </value>
    public string MarkMask { get; init; } = "0x0f000000";

    /// <value>Routing table with the route that delivers locally. Default 30303; 1 to 4,294,967,295, not 253 to 255.</value>
    public uint RoutingTable { get; init; } = 30_303;

    /// <value>Priority of the routing rule. Default 1000; 1 to 32,765: it must come before the main table.</value>
    public int RoutingPriority { get; init; } = 1000;

    /// <value>Whether the box tracks connections (NAT, stateful filter). Default <c>Auto</c>: look at the rules in force.</value>
    public ConntrackUse Conntrack { get; init; } = ConntrackUse.Auto;
}
