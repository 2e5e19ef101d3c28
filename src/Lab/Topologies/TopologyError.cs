namespace Middlebox.Lab.Topologies;

/// <summary>One mistake in a topology file.</summary>
/// <param name="KeyPath">Where: <c>links.wifi.ends[0].device</c>; empty for the file as a whole.</param>
/// <param name="Problem">What is wrong, a sentence without its full stop.</param>
/// <param name="Remedy">What to write instead, likewise.</param>
public sealed record TopologyError(string KeyPath, string Problem, string Remedy)
{
    public override string ToString() => $"{(KeyPath.Length == 0 ? "file" : KeyPath)}: {Problem}; {Remedy}";
}
