namespace Middlebox.Lab.Topologies;

/// <summary>A topology file that cannot be used, with everything that is wrong with it.</summary>
public sealed class TopologyException : Exception
{
    public TopologyException(string path, IReadOnlyList<TopologyError> errors)
        : base($"{path}: {errors.Count} error(s)\n" + string.Join('\n', errors.Select(error => $"  {error}")))
    {
        FilePath = path;
        Errors = errors;
    }

    /// <summary>The file.</summary>
    public string FilePath { get; }

    /// <summary>At least one error, in the order of the file.</summary>
    public IReadOnlyList<TopologyError> Errors { get; }
}
