namespace Middlebox.Appliance.Commands.Lab.Experiments.Selection;

/// <summary>What one box must do with the connections of a case.</summary>
/// <param name="Contexts">Contexts that it creates.</param>
/// <param name="Acted">Connections that it acts on.</param>
internal sealed record BoxExpectation(CountRange Contexts, CountRange Acted)
{
    /// <summary>It keeps a context of so many, and acts on all of them.</summary>
    public static BoxExpectation Acts(long connections) => Acts(CountRange.Exactly(connections));

    /// <inheritdoc cref="Acts(long)"/>
    public static BoxExpectation Acts(CountRange connections) => new(connections, connections);

    /// <summary>It keeps a context of so many, and then leaves them to another.</summary>
    public static BoxExpectation StepsOut(long connections) => new(CountRange.Exactly(connections), CountRange.Exactly(0));

    public bool IsMetBy(BoxDecision decision) => Contexts.Contains(decision.Contexts) && Acted.Contains(decision.Acted);
}
