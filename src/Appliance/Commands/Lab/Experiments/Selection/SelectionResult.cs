using System.Text.Json.Serialization;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Selection;

/// <summary>What the boxes did with the connections of a case.</summary>
/// <param name="Case">The case.</param>
/// <param name="Load">How the connections went.</param>
/// <param name="Decisions">What each box did, from client to server.</param>
internal sealed record SelectionResult([property: JsonIgnore] SelectionCase Case, LoadResult Load, IReadOnlyList<BoxDecision> Decisions)
{
    public string Name => Case.Name;

    public string Topology => Case.Topology;

    /// <summary>Contexts created in all boxes.</summary>
    public long Contexts => Decisions.Sum(decision => decision.Contexts);

    /// <summary>Every connection worked, exactly one box acted on it, and it was the one that the policy chooses.</summary>
    public bool Holds => Load.Failed == 0
        && Decisions.Sum(decision => decision.Acted) == Load.Succeeded
        && Case.Boxes.Zip(Decisions).All(pair => pair.First.IsMetBy(pair.Second));

    /// <summary>The expectations that are not met, for people; empty if all are.</summary>
    public string Complaint => Holds
        ? ""
        : $"{Load}; expected " + string.Join(", ", Case.Boxes.Zip(Decisions).Select(pair =>
            $"{pair.Second.Box}: contexts {pair.First.Contexts}, acted {pair.First.Acted}"));
}
