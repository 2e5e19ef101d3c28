namespace Middlebox.Appliance.Options;

/// <summary>Where the configuration was read from.</summary>
/// <param name="Path">Absolute path.</param>
public sealed record ConfigurationFile(string Path);
