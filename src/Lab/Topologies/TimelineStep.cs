namespace Middlebox.Lab.Topologies;

/// <summary>A change of an emulated link. What is null stays as the step before left it.</summary>
/// <param name="At">When, after the time line was started.</param>
public sealed record TimelineStep(TimeSpan At)
{
    /// <inheritdoc cref="LinkBehaviour.Up"/>
    public bool? Up { get; init; }

    /// <inheritdoc cref="LinkBehaviour.Rate"/>
    public LinkRate? Rate { get; init; }

    /// <inheritdoc cref="LinkBehaviour.Delay"/>
    public TimeSpan? Delay { get; init; }

    /// <inheritdoc cref="LinkBehaviour.Jitter"/>
    public TimeSpan? Jitter { get; init; }

    /// <inheritdoc cref="LinkBehaviour.Loss"/>
    public double? Loss { get; init; }

    /// <inheritdoc cref="LinkBehaviour.BurstLoss"/>
    public BurstLoss? BurstLoss { get; init; }

    /// <summary>The behaviour after this step.</summary>
    public LinkBehaviour ApplyTo(LinkBehaviour before) => before with
    {
        Up = Up ?? before.Up,
        Rate = Rate ?? before.Rate,
        Delay = Delay ?? before.Delay,
        Jitter = Jitter ?? before.Jitter,
        Loss = Loss ?? before.Loss,
        BurstLoss = BurstLoss ?? before.BurstLoss,
    };
}
