using Middlebox.Lab.Topologies;

namespace Middlebox.Appliance.Commands.Lab;

/// <summary>The topology files that commands name without their directory and extension.</summary>
internal sealed class TopologyCatalogue(string directory)
{
    private const string Installed = "/usr/share/middlebox/configs";
    private const string Labs = "labs";

    /// <summary>Where the topology files lie.</summary>
    public string Directory { get; } = directory;

    /// <summary>Finds the catalogue.</summary>
    /// <param name="configurations">
    /// The directory that has <c>labs</c> in it; null to look above the executable for <c>configs/labs</c>, then in
    /// <c>/usr/share/middlebox/configs</c>.
    /// </param>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static TopologyCatalogue Find(string? configurations)
    {
        var candidates = configurations is not null
            ? [configurations]
            : Ancestors(AppContext.BaseDirectory).Select(above => Path.Combine(above, "configs")).Append(Installed);
        var found = candidates.Select(candidate => Path.Combine(candidate, Labs)).FirstOrDefault(System.IO.Directory.Exists);
        return found is not null
            ? new TopologyCatalogue(found)
            : throw new DirectoryNotFoundException(
                $"There is no directory {Path.Combine(configurations ?? Installed, Labs)}: "
                + $"name the one that has \"{Labs}\" in it with --configs.");
    }

    /// <summary>The names of all topologies.</summary>
    public IReadOnlyList<string> Names() =>
        [.. System.IO.Directory.EnumerateFiles(Directory, "*.json").Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal)];

    /// <summary>Loads a topology by its name, or by the path of a file.</summary>
    /// <exception cref="TopologyException">There is no such topology, or its file has errors.</exception>
    public Topology Load(string name)
    {
        if (name.EndsWith(".json", StringComparison.Ordinal))
            return TopologyLoader.Load(name);
        var path = Path.Combine(Directory, $"{name}.json");
        if (File.Exists(path))
            return TopologyLoader.Load(path);
        throw new TopologyException(path,
            [new TopologyError("", "does not exist",
                $"use one of {string.Join(", ", Names())}, or the path of a .json file")]);
    }

    private static IEnumerable<string> Ancestors(string path)
    {
        for (var directory = new DirectoryInfo(path); directory is not null; directory = directory.Parent)
            yield return directory.FullName;
    }
}
