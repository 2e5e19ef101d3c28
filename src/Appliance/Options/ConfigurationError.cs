namespace Middlebox.Appliance.Options;

/// <summary>What is wrong with one key of the configuration.</summary>
/// <param name="Path">The key's path, such as <c>Middlebox:Policy:Rules:0:Client</c>.</param>
/// <param name="Problem">What is wrong, and what would be right.</param>
/// <param name="IsUnknownKey">Whether nothing has that key, so that its value is of no consequence for the others.</param>
public sealed record ConfigurationError(string Path, string Problem, bool IsUnknownKey = false)
{
    public override string ToString() => $"{Path}: {Problem}";
}
