using System.Globalization;
using Middlebox.Lab;

namespace Middlebox.Bench.Proof;

/// <summary>User memory of a process (smaps_rollup, proc(5)).</summary>
/// <param name="ProportionalBytes">Pss: its own pages, and its share of those that others map too.</param>
/// <param name="AnonymousBytes">Pss_Anon: heaps and stacks, without mapped files.</param>
public readonly record struct ProcessMemory(long ProportionalBytes, long AnonymousBytes)
{
    private const int Kibibyte = 1024;

    /// <exception cref="LabException">There is no such process.</exception>
    public static ProcessMemory Of(int processId)
    {
        try
        {
            var lines = File.ReadAllLines($"/proc/{processId}/smaps_rollup");
            return new ProcessMemory(Value("Pss:"), Value("Pss_Anon:"));

            long Value(string name) => Kibibyte * long.Parse(
                lines.Single(line => line.StartsWith(name, StringComparison.Ordinal))
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
                CultureInfo.InvariantCulture);
        }
        catch (IOException exception)
        {
            throw new LabException($"Process {processId} ended while it was measured: see its log.", exception);
        }
    }
}
