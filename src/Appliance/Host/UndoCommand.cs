namespace Middlebox.Appliance.Host;

/// <summary>Takes a change back with a tool.</summary>
public sealed record UndoCommand(IReadOnlyList<string> Command) : UndoStep
{
    public override string? Run() =>
        Tool.Run(Command) is { Succeeded: false } result ? $"'{string.Join(' ', Command)}': {result.Error}" : null;
}
