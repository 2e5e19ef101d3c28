namespace Middlebox.Interceptor.HostRole;

/// <summary>Section <c>Middlebox:HostProxy</c>: which of this host's own connections go over a proxy off the path.</summary>
public sealed record HostProxyOptions
{
    /// <value>How the proxy is told the server. Default <c>Addressed</c>.</value>
    public HostProxyProtocol Protocol { get; init; } = HostProxyProtocol.Addressed;

    /// <value>
    /// Address and port of the proxy, such as <c>203.0.113.7:5125</c>; one of each address family at most. Default none: off. Connections to servers of a family
    /// without proxy go directly with <c>Addressed</c>, and over the other family's proxy with <c>Converter</c>.
    /// </value>
    public IReadOnlyList<string> Proxies { get; init; } = [];

    /// <value>
    /// Which connections go over it: those that a rule matches, and with <c>Addressed</c> only those that begin with MPTCP (<c>mptcpize run</c> makes a program speak it).
    /// Default none; at least one with <see cref="Proxies"/>.
    /// </value>
    public IReadOnlyList<HostProxyRuleOptions> Rules { get; init; } = [];

    /// <value>
    /// File of keys that this host shares with the proxy, readable by its owner alone. Default none. With it, SYNs carry a tag made with the key that the file says signs;
    /// for <c>Addressed</c> only.
    /// </value>
    public string KeyFile { get; init; } = "";

    /// <value>What becomes of connections while the proxy does not answer. Default <c>Direct</c>.</value>
    public UnreachableProxy WhenUnreachable { get; init; } = UnreachableProxy.Direct;

    /// <value>
    /// SYNs of a connection that may go to the proxy unanswered, the second one second after the first. Default 2; 1 or 2: in further ones Linux offers MPTCP no more.
    /// </value>
    public int UnansweredSyns { get; init; } = 2;

    /// <value>How long a proxy that has not answered is left alone. Default 30 s; 1 s to 1 day.</value>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <value>Connections at a time whose proxies have not answered yet. Default 4,096; 1 to 1,000,000. Further ones go directly.</value>
    public int MaxPending { get; init; } = 4096;

    /// <summary>Whether connections go through a converter.</summary>
    public bool UsesConverter => Proxies.Count > 0 && Protocol == HostProxyProtocol.Converter;

    /// <summary>How long so many SYNs wait for an answer: the kernel doubles the time each time, from one second on.</summary>
    public TimeSpan ReachPatience => TimeSpan.FromSeconds((1 << UnansweredSyns) - 1);
}
