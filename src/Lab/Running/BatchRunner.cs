using System.Text.RegularExpressions;

namespace Middlebox.Lab.Running;

/// <summary>Runs many commands of one tool in one process: <c>ip -batch</c>, <c>tc -batch</c>.</summary>
internal static partial class BatchRunner
{
    /// <summary>Feeds lines to a tool; does nothing when there are none.</summary>
    /// <exception cref="LabException">A line failed; the message quotes it.</exception>
    public static async Task RunAsync(
        IReadOnlyList<string> tool, IReadOnlyList<string> lines, CancellationToken cancellation)
    {
        if (lines.Count == 0)
            return;
        var result = await ProcessRunner.RunAsync([.. tool, "-batch", "-"], string.Join('\n', lines) + "\n", cancellation);
        if (result.ExitCode == 0)
            return;
        var match = FailedLine().Match(result.Error);
        var line = match.Success ? lines[int.Parse(match.Groups[1].ValueSpan) - 1] : $"{lines.Count} commands";
        throw new LabException($"{string.Join(' ', tool)} {line}: {result.Error.Split('\n')[0]}");
    }

    [GeneratedRegex("Command failed -:([0-9]+)")]
    private static partial Regex FailedLine();
}
