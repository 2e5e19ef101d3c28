namespace Middlebox.Lab.Tests;

/// <summary>The topology files of the repository.</summary>
internal static class ShippedTopologies
{
    private static readonly string Directory = Find();

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names =>
        System.IO.Directory.EnumerateFiles(Directory, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Order();

    /// <summary>The file of a topology.</summary>
    public static string PathOf(string name) => Path.Combine(Directory, $"{name}.json");

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "configs", "labs");
            if (System.IO.Directory.Exists(candidate))
                return candidate;
        }
        throw new DirectoryNotFoundException("configs/labs is not above the tests: run them inside the repository.");
    }
}
