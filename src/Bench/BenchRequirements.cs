using Middlebox.Lab;

namespace Middlebox.Bench;

/// <summary>What a machine needs for benchmarks, beside what labs need.</summary>
public static class BenchRequirements
{
    private static readonly (string Program, string Package)[] Programs = [("haproxy", "haproxy"), ("iperf3", "iperf3")];

    /// <summary>What is missing, each with its remedy; empty when nothing is.</summary>
    public static IReadOnlyList<string> Missing() =>
        [.. LabRequirements.Missing(), .. Programs.Where(needed => !LabRequirements.IsInstalled(needed.Program))
            .Select(needed => $"{needed.Program} is not installed: apt-get install {needed.Package}.")];
}
