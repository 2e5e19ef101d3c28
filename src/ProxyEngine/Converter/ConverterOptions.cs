namespace Middlebox.ProxyEngine.Converter;

/// <summary>Section <c>Middlebox:Converter</c>: whom the box serves that name their servers to it (RFC 8803), and to where.</summary>
public sealed record ConverterOptions
{
    /// <summary>The port that a client takes when none is named. None is assigned (section 10.1); the first implementations used this one.</summary>
    public const int UsualPort = 5124;

    /// <value>
    /// Own addresses and ports to listen on, such as <c>203.0.113.7:5124</c>. Default none: off. No port is assigned to the protocol. A wildcard address is
    /// not taken, because its port would be lost for the servers behind the box.
    /// </value>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <value>Prefixes of the clients that are served, and nobody else. Default none; at least one with <see cref="Listen"/>.</value>
    public IReadOnlyList<string> Clients { get; init; } = [];

    /// <value>
    /// Prefixes of the servers that they may reach. Default none, which is any. Loopback, multicast, broadcast, unspecified, link-local and the box's own addresses are
    /// refused in any case.
    /// </value>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <value>Ports of the servers: any, or ports and ranges such as 80,443,8000-8999. Default any.</value>
    public string Ports { get; init; } = "any";

    /// <value>Whether a client may be connected to another one. Default true, as section 9.2 says.</value>
    public bool Hairpinning { get; init; } = true;

    /// <value>
    /// Whether what a client sends in its SYN is taken at once, without a cookie of TCP Fast Open. Default true. Without it all works, one round trip later.
    /// </value>
    public bool FastOpen { get; init; } = true;

    /// <value>
    /// Whether each message must have the cookie of the client's address, which it is told when it has none. Default false. For networks in which addresses
    /// can be forged, where <see cref="FastOpen"/> alone would let anybody send SYNs to servers in the box's name.
    /// </value>
    public bool RequireCookie { get; init; }

    /// <value>How long a cookie is valid at least; at most twice as long. Default 1 h; 1 min to 7 days.</value>
    public TimeSpan CookieLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <value>
    /// Whether servers see the client's address and port instead of the box's (section 4.4.1). Default false. The box must be on the way back from the
    /// servers. Where client and server are of different families, the box's own address is used.
    /// </value>
    public bool PreserveClientAddress { get; init; }

    /// <value>
    /// Own addresses that servers see; a client has the same one for all its connections (section 4.3, RFC 4787 section 4.1). Default none: the kernel
    /// chooses by its routes.
    /// </value>
    public IReadOnlyList<string> SourceAddresses { get; init; } = [];

    /// <value>How long a client may take to send its whole message. Default 5 s; 1 s to 10 min.</value>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <value>How long a server may take to answer, and after that the client to complete its handshake. Default 30 s; 1 s to 10 min.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <value>
    /// Connections that may be set up at a time, each of which may take two descriptors. Default 1,024; 1 to 1,000,000. At the limit the one gives way that has
    /// been silent for longest.
    /// </value>
    public int MaxPending { get; init; } = 1024;

    /// <value>How many of these may be one client's: an IPv4 address, or an IPv6 network of 64 bits. Default 128; 1 to 1,000,000.</value>
    public int MaxPendingPerClient { get; init; } = 128;

    /// <value>Connections that one client may have. Default 1,024; 1 to 1,000,000.</value>
    public int MaxFlowsPerClient { get; init; } = 1024;

    /// <value>Servers that one client may ask for in a second. Default 200; 1 to 1,000,000.</value>
    public int RequestsPerSecondPerClient { get; init; } = 200;

    /// <value>Errors that one client is told in a second; more of its connections are reset. Default 20; 1 to 1,000,000.</value>
    public int ErrorsPerSecondPerClient { get; init; } = 20;
}
