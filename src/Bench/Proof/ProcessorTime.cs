using System.Globalization;
using Middlebox.Lab;

namespace Middlebox.Bench.Proof;

/// <summary>
/// Processor time that a process has used (utime + stime of proc_pid_stat(5), in steps of 10 ms). What the kernel does for it in soft
/// interrupts is charged to whoever is interrupted, and is not in it.
/// </summary>
internal static class ProcessorTime
{
    private const int UserField = 11;
    private const int SystemField = 12;
    private const double TicksPerSecond = 100;

    /// <exception cref="LabException">There is no such process.</exception>
    public static TimeSpan Of(int processId)
    {
        try
        {
            // The second field is a name in parentheses, which may hold anything.
            var line = File.ReadAllText($"/proc/{processId}/stat");
            var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = long.Parse(fields[UserField], CultureInfo.InvariantCulture)
                + long.Parse(fields[SystemField], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds(ticks / TicksPerSecond);
        }
        catch (IOException exception)
        {
            throw new LabException($"Process {processId} ended while it was measured: see its log.", exception);
        }
    }
}
