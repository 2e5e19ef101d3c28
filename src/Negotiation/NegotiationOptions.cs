namespace Middlebox.Negotiation;

/// <summary>Section <c>Middlebox:Negotiation</c>: how much is remembered, and for how long.</summary>
public sealed record NegotiationOptions
{
    /// <value>Most contexts at a time, over all queues. Default 65,536; 1 to 4,194,304. Full: forwarded without a context.</value>
    public int MaxContexts { get; init; } = 65_536;

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
}
