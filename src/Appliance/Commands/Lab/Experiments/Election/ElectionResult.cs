namespace Middlebox.Appliance.Commands.Lab.Experiments.Election;

/// <summary>What the boxes of a path did with one connection; boxes are listed from client to server.</summary>
internal sealed record ElectionResult(int Boxes, string Server, bool IsIpv6, IReadOnlyList<BoxDecision> Decisions)
{
    /// <summary>The one nearest a legacy server acted and the others stepped out; nobody acted for a capable one.</summary>
    public bool Holds => Decisions.SkipLast(1).All(IsOut) && (Server == "legacy" ? Decisions[^1].Acted == 1 : IsOut(Decisions[^1]));

    private static bool IsOut(BoxDecision decision) => decision is { Acted: 0, SteppedOut: 1 };
}
