using System.Text.Json.Serialization;

namespace Middlebox.Appliance.Host;

/// <summary>How one change of the host is taken back. Written down before the change is made, so that a crash is no loss.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "undo")]
[JsonDerivedType(typeof(UndoCommand), "command")]
[JsonDerivedType(typeof(UndoSysctl), "sysctl")]
[JsonDerivedType(typeof(UndoRules), "rules")]
[JsonDerivedType(typeof(UndoMark), "mark")]
public abstract record UndoStep
{
    /// <summary>Takes the change back. What is gone already is no failure.</summary>
    /// <returns>What went wrong, or null.</returns>
    public abstract string? Run();
}
