namespace Middlebox.Appliance.Options.Reference;

/// <summary>One key of the configuration.</summary>
/// <param name="Path">Without the section <c>Middlebox</c>, such as <c>Policy:Rules:0:Client</c> for that key of any rule.</param>
/// <param name="Type">Type of its value.</param>
/// <param name="Default">Its default as JSON; null if it is required or has none.</param>
/// <param name="Description">What it means, with unit, range and default.</param>
/// <param name="IsChangeable">Whether it may change while the box serves.</param>
internal sealed record ConfigurationKey(string Path, Type Type, string? Default, string Description, bool IsChangeable);
