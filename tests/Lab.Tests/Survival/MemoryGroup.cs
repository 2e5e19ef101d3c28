using System.Globalization;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>A control group with little memory, of version 1 or 2 (cgroups(7)): who is put into it and asks for more is killed by the kernel.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private readonly string _directory;

    private MemoryGroup(string directory) => _directory = directory;

    /// <summary>Processes that the kernel has killed.</summary>
    public long Kills => File.ReadLines(Path.Combine(_directory, IsVersion1(_directory) ? "memory.oom_control" : "memory.events"))
        .Where(line => line.StartsWith("oom_kill ", StringComparison.Ordinal))
        .Sum(line => long.Parse(line["oom_kill ".Length..], CultureInfo.InvariantCulture));

    /// <param name="name">Of the group.</param>
    /// <param name="bytes">What all its processes may have together, beside what they have when they come.</param>
    /// <returns>Null if the machine has no such groups, or does not let them be made.</returns>
    public static MemoryGroup? TryCreate(string name, long bytes)
    {
        // Version 1: a part of the group that this process is in. In version 2 that one would have to be empty.
        var own = File.ReadLines("/proc/self/cgroup").Select(line => line.Split(':', 3)).FirstOrDefault(group => group[1] == "memory")?[2];
        var directory = Path.Combine(own is null ? "/sys/fs/cgroup" : $"/sys/fs/cgroup/memory{own.TrimEnd('/')}", name);
        try
        {
            Directory.CreateDirectory(directory);
            var limit = Path.Combine(directory, own is null ? "memory.max" : "memory.limit_in_bytes");
            if (File.Exists(limit))
            {
                File.WriteAllText(limit, bytes.ToString(CultureInfo.InvariantCulture));
                return new MemoryGroup(directory);
            }

            Directory.Delete(directory);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Add(int processId) =>
        File.WriteAllText(Path.Combine(_directory, "cgroup.procs"), processId.ToString(CultureInfo.InvariantCulture));

    // The kernel's files go with it; all its processes must have ended.
    public void Dispose() => Directory.Delete(_directory);

    private static bool IsVersion1(string directory) => File.Exists(Path.Combine(directory, "memory.oom_control"));
}
