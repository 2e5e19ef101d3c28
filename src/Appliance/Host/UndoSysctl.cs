namespace Middlebox.Appliance.Host;

/// <summary>Puts a kernel parameter back to what it was.</summary>
public sealed record UndoSysctl(string Key, string Value) : UndoStep
{
    public override string? Run() => Sysctl.TryWrite(Key, Value, out var problem) ? null : problem;
}
