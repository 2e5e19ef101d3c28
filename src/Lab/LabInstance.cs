namespace Middlebox.Lab;

/// <summary>A lab that is up on this machine, or what a killed process left of one.</summary>
/// <param name="Name">The instance's name.</param>
/// <param name="Topology">The topology's name; null when the state file is missing or was not completed.</param>
/// <param name="Hosts">The hosts whose namespaces exist.</param>
public sealed record LabInstance(string Name, string? Topology, IReadOnlyList<string> Hosts)
{
    /// <summary>The network namespace of a host.</summary>
    public string NamespaceOf(string host) => Running.InstancePaths.NamespaceName(Name, host);
}
