namespace Middlebox.Appliance.Commands.Soak;

/// <summary>Something that must hold at the end, and the figure that shows it.</summary>
/// <param name="Name">What must hold.</param>
/// <param name="Figure">What was seen.</param>
/// <param name="Holds">Whether it does.</param>
internal sealed record SoakInvariant(string Name, string Figure, bool Holds);
