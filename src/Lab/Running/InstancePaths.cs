using System.Text.RegularExpressions;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Running;

/// <summary>Where an instance keeps its things, all of it derived from its name so that a stranger can clean up.</summary>
/// <param name="Instance">The instance's name.</param>
internal sealed partial record InstancePaths(string Instance)
{
    /// <summary>What runs in a lab and what it has logged.</summary>
    public const string StateRoot = "/run/middlebox-lab";

    /// <summary>What servers serve and receive: in memory, because /run need not be, and disks distort throughput.</summary>
    public const string PayloadRoot = "/dev/shm/middlebox-lab";

    private const string NamespacePrefix = "mb-";

    /// <summary>The instance's directory.</summary>
    public string State => Path.Combine(StateRoot, Instance);

    /// <summary>The topology's name; its creation claims the instance's name.</summary>
    public string StateFile => Path.Combine(State, "state.json");

    /// <summary>The instance's directory for served and received files.</summary>
    public string Payload => Path.Combine(PayloadRoot, Instance);

    /// <summary>The files that all servers of the instance serve.</summary>
    public string Content => Path.Combine(Payload, "bytes");

    /// <summary>What a host's processes log and where its box's control socket is.</summary>
    public string ForHost(string host) => Path.Combine(State, host);

    /// <summary>The keys that the instance's boxes share; only if one of them asks for it.</summary>
    public string ClaimKeys => Path.Combine(State, "claim.keys");

    /// <summary>What the emulator is told of the lab's emulated links.</summary>
    public string EmulationPlan => Path.Combine(State, "links.json");

    /// <summary>What the emulator writes.</summary>
    public string EmulatorLog => Path.Combine(State, "links.log");

    /// <summary>What a server has received.</summary>
    public string Uploads(string host) => Path.Combine(Payload, host);

    /// <summary>The network namespace of a host.</summary>
    public static string NamespaceName(string instance, string host) => $"{NamespacePrefix}{instance}-{host}";

    /// <summary>Whether a name can be an instance's.</summary>
    public static bool IsInstanceName(string name) => InstanceName().IsMatch(name);

    /// <summary>The names of all instances of which anything is left on this machine.</summary>
    public static IEnumerable<string> AllInstances() =>
        Directories(StateRoot).Concat(Directories(PayloadRoot))
            .Concat(LabNamespaces().Select(found => found.Instance))
            .Distinct().Order(StringComparer.Ordinal);

    /// <summary>The hosts of the instance whose namespaces exist.</summary>
    public IReadOnlyList<string> HostsWithNamespace() =>
        [.. LabNamespaces().Where(found => found.Instance == Instance).Select(found => found.Host)
            .Order(StringComparer.Ordinal)];

    private static IEnumerable<(string Instance, string Host)> LabNamespaces()
    {
        if (!Directory.Exists(NetworkNamespace.MountDirectory))
            yield break;
        foreach (var path in Directory.EnumerateFiles(NetworkNamespace.MountDirectory, NamespacePrefix + "*"))
        {
            // A host's name has no hyphen, so the last one ends the instance's name.
            var name = Path.GetFileName(path)[NamespacePrefix.Length..];
            var hyphen = name.LastIndexOf('-');
            if (hyphen > 0)
                yield return (name[..hyphen], name[(hyphen + 1)..]);
        }
    }

    private static IEnumerable<string> Directories(string root) =>
        Directory.Exists(root) ? Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path)) : [];

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$")]
    private static partial Regex InstanceName();
}
