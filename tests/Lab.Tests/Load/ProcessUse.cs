using System.Globalization;

namespace Middlebox.Lab.Tests.Load;

/// <summary>What a process holds at one moment.</summary>
/// <param name="Descriptors">Open files.</param>
/// <param name="ResidentBytes">Memory in use (VmRSS).</param>
public sealed record ProcessUse(int Descriptors, long ResidentBytes)
{
    public static ProcessUse Of(int processId)
    {
        var resident = File.ReadLines($"/proc/{processId}/status")
            .Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kibibytes = long.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new ProcessUse(Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd").Count(), kibibytes * 1024);
    }
}
