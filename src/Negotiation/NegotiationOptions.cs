namespace Middlebox.Negotiation;

/// <summary>Section <c>Middlebox:Negotiation</c>: how much is remembered, and for how long.</summary>
public sealed record NegotiationOptions
{
    /// <value>Most contexts at a time, over all queues. Default 65,536; 1 to 4,194,304. Full: the oldest
    /// that waits for its server for longer than <see cref="Grace"/> gives way, otherwise the new one is forwarded without a context.</value>
    public int MaxContexts { get; init; } = 65_536;

    /// <value>
    /// Most connections at a time, over all queues, on which the box acts and whose clients have not completed their handshakes.
    /// Default 1,024; 1 to 1,000,000. Full: the oldest gives way if it has waited for longer than
    /// <see cref="Grace"/>, otherwise the new one is forwarded and stays plain TCP.
    /// </value>
    public int MaxHalfOpen { get; init; } = 1024;

    /// <value>
    /// Most contexts of one source at a time, in each queue: of an IPv4 address, or of an IPv6 prefix of 64 bits. Default 512, half of
    /// <see cref="MaxHalfOpen"/>'s; 1 to 4,194,304. At the limit, further connections of the source are forwarded and stay as they are; others have room. What lowers it ends none.
    /// </value>
    public int MaxContextsPerSource { get; init; } = 512;

    /// <summary>
    /// How long contexts that wait are safe from younger ones when there is no room: a round trip and one repeat of a segment that
    /// was lost (RFC 6298 section 2: 1 s). A client that is alive answers within it; what is older is most likely a flood's.
    /// </summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromSeconds(2);

    /// <value>How long an unanswered SYN is remembered. Default 30 s; 1 s to 10 min.</value>
    public TimeSpan ServerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <value>How long the client may take to complete its handshake, before the server is told. Default 30 s; 1 s to 10 min.</value>
    public TimeSpan ClientTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <value>Unanswered repeats of a SYN that keep MP_CAPABLE; the next loses it. Default 1; 0 to 10.</value>
    public int RepeatsWithMpCapable { get; init; } = 1;

    /// <value>Most servers remembered that drop MP_CAPABLE. Default 16,384; 0 (none) to 1,048,576.</value>
    public int MaxDroppingServers { get; init; } = 16_384;

    /// <value>How long such a server is remembered. Default 24 h; 1 s to 30 days.</value>
    public TimeSpan DroppingServerLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <value>
    /// Most servers remembered to which clients of rules with UpgradeClients connect, over all queues. Default 16,384; 0 (none: every such SYN
    /// offers MPTCP) to 1,048,576. Full: what has expired is forgotten, or the older half.
    /// </value>
    public int MaxKnownServers { get; init; } = 16_384;

    /// <value>How long such a server counts as capable of MPTCP after it has last shown it. Default 24 h; 1 s to 30 days.</value>
    public TimeSpan CapableServerLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <value>
    /// How long such a server is left alone after it has answered without MPTCP. Default 1 h; 1 s to 30 days. One that drops MP_CAPABLE is left
    /// alone for <see cref="DroppingServerLifetime"/>.
    /// </value>
    public TimeSpan LegacyServerLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <value>
    /// File in which the servers known are kept across restarts. Default empty: <c>/var/lib/middlebox/NAME.servers</c>. An absolute path; there is
    /// no file before something was learnt.
    /// </value>
    public string KnownServersFile { get; init; } = "";
}
