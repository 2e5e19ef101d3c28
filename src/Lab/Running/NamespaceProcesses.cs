using System.Globalization;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Running;

/// <summary>Finds the processes that live in network namespaces, whoever started them.</summary>
internal static class NamespaceProcesses
{
    /// <summary>The ids of all processes in any of the named namespaces, except this process.</summary>
    public static IReadOnlyList<int> Find(IEnumerable<string> namespaces)
    {
        var wanted = namespaces.Select(Identity).OfType<string>().ToHashSet();
        if (wanted.Count == 0)
            return [];
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(ProcessId)
            .Where(id => id != 0 && id != Environment.ProcessId && LinkTarget($"/proc/{id}/ns/net") is { } target
                && wanted.Contains(target))];
    }

    private static int ProcessId(string path) =>
        int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;

    private static string? Identity(string name)
    {
        try
        {
            return NetworkNamespace.Run(name, () => LinkTarget("/proc/thread-self/ns/net"));
        }
        catch (IOException)
        {
            // Only the name is left, or another process removes the same lab at this moment.
            return null;
        }
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process has ended since the directory was listed.
            return null;
        }
    }
}
