using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Running;

/// <summary>
/// Removes an instance: every process in its namespaces, the namespaces, its directories. Works from the instance's name
/// alone, on whole instances, half-built ones and ones whose process was killed, and does nothing the second time.
/// </summary>
internal static class InstanceRemoval
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Removes what there is of an instance.</summary>
    /// <exception cref="LabException">Something could not be removed.</exception>
    public static async Task RemoveAsync(string instance)
    {
        var paths = new InstancePaths(instance);
        await EndProcessesAsync(paths);
        await DeleteNamespacesAsync(paths);
        DeleteDirectory(paths.Payload);
        DeleteDirectory(paths.State);
    }

    private static async Task EndProcessesAsync(InstancePaths paths)
    {
        var namespaces = paths.HostsWithNamespace()
            .Select(host => InstancePaths.NamespaceName(paths.Instance, host)).ToList();
        // Asked again until none is left: a process may have been starting others.
        await Condition.WaitAsync(
            () =>
            {
                var processes = NamespaceProcesses.Find(namespaces);
                foreach (var process in processes)
                    ProcessControl.Send(process, ProcessSignal.Kill);
                return processes.Count == 0;
            },
            Deadline,
            $"the processes of lab {paths.Instance} end");
    }

    private static async Task DeleteNamespacesAsync(InstancePaths paths)
    {
        var lines = paths.HostsWithNamespace()
            .Select(host => $"netns del {InstancePaths.NamespaceName(paths.Instance, host)}").ToList();
        if (lines.Count == 0)
            return;
        var result = await ProcessRunner.RunAsync(["ip", "-force", "-batch", "-"], string.Join('\n', lines) + "\n");
        if (paths.HostsWithNamespace().Count > 0)
            throw new LabException($"Lab {paths.Instance} cannot be removed: {result.Error.Trim()}");
    }

    private static void DeleteDirectory(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Never made, or already removed.
        }
        var root = Path.GetDirectoryName(path)!;
        if (Directory.Exists(root) && !Directory.EnumerateFileSystemEntries(root).Any())
            TryDeleteEmpty(root);
    }

    private static void TryDeleteEmpty(string root)
    {
        try
        {
            Directory.Delete(root);
        }
        catch (IOException)
        {
            // Another lab has moved in since we looked.
        }
    }
}
