namespace Middlebox.Lab.Topologies;

/// <summary>How a link end sends if its link is emulated instead of being a veth pair. Rate and loss are those of the end.</summary>
public sealed record EndEmulation
{
    /// <inheritdoc cref="LinkBehaviour.Delay"/>
    public TimeSpan Delay { get; init; }

    /// <inheritdoc cref="LinkBehaviour.Jitter"/>
    public TimeSpan Jitter { get; init; }

    /// <inheritdoc cref="LinkBehaviour.BurstLoss"/>
    public BurstLoss? BurstLoss { get; init; }

    /// <inheritdoc cref="LinkBehaviour.Reorder"/>
    public double Reorder { get; init; }

    /// <inheritdoc cref="LinkBehaviour.Duplicate"/>
    public double Duplicate { get; init; }

    /// <inheritdoc cref="LinkBehaviour.Queue"/>
    public int? Queue { get; init; }

    /// <summary>Changes in the order of their times. Default: none.</summary>
    public IReadOnlyList<TimelineStep> Timeline { get; init; } = [];

    /// <summary>
    /// The file of a packet delivery trace, which takes the place of the rate: one time in milliseconds a line, at each of which up to 1500 bytes
    /// may leave. Null for none, which is the default.
    /// </summary>
    public string? Trace { get; init; }

    /// <summary>Where the random numbers begin; the same seed loses the same packets. Default: 1.</summary>
    public int Seed { get; init; } = 1;
}
