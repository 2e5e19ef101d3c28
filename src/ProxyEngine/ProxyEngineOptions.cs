namespace Middlebox.ProxyEngine;

/// <summary>Section <c>Middlebox:ProxyEngine</c>: how connections are terminated and relayed.</summary>
public sealed record ProxyEngineOptions
{
    /// <summary>Questions that a peer may leave unanswered before the connection is reset.</summary>
    public const int KeepAliveProbes = 4;

    /// <value>
    /// The box's own addresses at which clients may open further subflows (ADD_ADDR), for paths that do not cross the box.
    /// Default none. With any, clients are told not to open subflows to the server's address.
    /// </value>
    public IReadOnlyList<string> AnnouncedAddresses { get; init; } = [];

    /// <value>TCP port of the announced addresses. Default 8684; 1 to 65,535.</value>
    public int AnnouncedPort { get; init; } = 8684;

    /// <value>Further subflows that a connection may have beside the first. Default 4; 0 to 8, the kernel's limit.</value>
    public int MaxSubflows { get; init; } = 4;

    /// <value>
    /// The box's own ways to servers, over which the connections of clients without MPTCP are spread beside the first. Default none, at most 8. Endpoints that the
    /// administrator has added himself stay as they are.
    /// </value>
    public IReadOnlyList<UplinkOptions> Uplinks { get; init; } = [];

    /// <value>
    /// Congestion control towards clients. Default empty: the system's, but cubic or reno instead of bbr, under which the
    /// kernel's MPTCP is slow.
    /// </value>
    public string CongestionControl { get; init; } = "";

    /// <value>Server ports for which the box stays out, so that no listener of it takes them from its own services. Default 22.</value>
    public IReadOnlyList<int> ReservedPorts { get; init; } = [22];

    /// <value>Most server ports that are listened on at a time, IPv4 and IPv6 counted apart. Default 1,024; 1 to 131,070.</value>
    public int MaxListeners { get; init; } = 1024;

    /// <value>How long a listener stays open that no connection uses. Default 1 min; 1 s to 1 day.</value>
    public TimeSpan ListenerIdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <value>Connections that may wait to be accepted at one listener. Default 4,096; 1 to 65,535.</value>
    public int ListenBacklog { get; init; } = 4096;

    /// <value>Relay threads. Default 0: one for each processor; up to 256.</value>
    public int Workers { get; init; }

    /// <value>
    /// How long a relay thread looks for more work before it sleeps, where that has commonly come as soon. Default 50 µs; 0, for never, to 1 ms. With it, an
    /// exchange of small messages between near hosts is not held up by the thread's being woken, and takes processor time that nobody else wants.
    /// </value>
    public TimeSpan EagerWait { get; init; } = TimeSpan.FromMicroseconds(50);

    /// <value>
    /// Most connections relayed at a time; each takes two descriptors. Default 8,000; 1 to 1,000,000. At the limit new ones pass
    /// unproxied; those whose handshakes are under way then (Negotiation:MaxHalfOpen) are still served.
    /// </value>
    public int MaxFlows { get; init; } = 8000;

    /// <value>A connection on which nothing has moved for this long is reset. Default 2 h; 1 s to 30 days.</value>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromHours(2);

    /// <value>
    /// How long what a peer said before it reset may take to reach the other, which is reset then too. Default 10 s; 0 to
    /// 10 min.
    /// </value>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <value>Silence after which the box asks a peer whether it is still there. Default 5 min; 1 s to 9 h.</value>
    public TimeSpan KeepAliveAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <value>Time between such questions; after four without an answer the connection is reset. Default 30 s; 1 s to 1 h.</value>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <value>
    /// How long a client may be without any subflow, because it has left one access before it has another, until its connection ends. Default 60 s; 1 s to
    /// 1 h. A client that has fallen silent without a word keeps its subflows, until keepalive or the kernel's retransmissions give up.
    /// </value>
    public TimeSpan ClientAbsence { get; init; } = TimeSpan.FromSeconds(60);

    /// <value>
    /// The longest that a sender waits before it repeats what was not acknowledged (RFC 6298, section 2.5, which advises 60 s at least). Default 2 min, the
    /// kernel's; 1 s to 2 min. With less, a path that comes back after an outage is used again that much sooner. It holds for all TCP of this host and needs
    /// Linux 6.15.
    /// </value>
    public TimeSpan LongestRetransmissionTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <value>
    /// How many of MPTCP's retransmission time-outs a subflow with unacknowledged data may be silent until all its data go to the others at once. Default 4,
    /// the kernel's; 1 to 255. With 1 a connection leaves a lost access soonest, and an access that only loses much is given up more often. It holds for all
    /// MPTCP of this host.
    /// </value>
    public int StaleAfterSilences { get; init; } = 4;

    /// <value>Bytes moved at a time, and most that wait in user memory per direction. Default 262,144; 4,096 to 16,777,216.</value>
    public int RelayBufferBytes { get; init; } = 256 * 1024;
}
