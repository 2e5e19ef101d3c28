namespace Middlebox.Lab.Topologies;

/// <summary>A host that runs the appliance.</summary>
/// <param name="Host">The host's name, which the appliance also takes as its own.</param>
/// <param name="Configuration">Absolute path of the configuration file.</param>
/// <param name="Settings">
/// Keys of the configuration (<c>Middlebox:Mode</c>) with the values that override it. <c>{claimKeys}</c> in a value stands for the path of
/// a file with a key that the lab makes for all its boxes.
/// </param>
public sealed record BoxPlacement(string Host, string Configuration, IReadOnlyDictionary<string, string> Settings);
