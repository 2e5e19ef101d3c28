namespace Middlebox.Appliance.Commands.Soak;

/// <summary>What <c>middlebox soak</c> tells; the JSON names are a contract.</summary>
internal sealed record SoakReport
{
    /// <summary>How long there was load.</summary>
    public required double Seconds { get; init; }

    public required IReadOnlyList<SoakInvariant> Invariants { get; init; }

    /// <summary>How often what was done.</summary>
    public required IReadOnlyDictionary<SoakFault, int> Faults { get; init; }

    public required long Completed { get; init; }

    public required long Resets { get; init; }

    public required long Bytes { get; init; }

    /// <summary>What happened to the first connections that failed.</summary>
    public required IReadOnlyCollection<string> Failures { get; init; }

    public required IReadOnlyList<SoakSample> Samples { get; init; }

    /// <summary>When what began, in seconds.</summary>
    public required IReadOnlyList<SoakEvent> Events { get; init; }

    public bool Holds => Invariants.All(invariant => invariant.Holds);
}
