using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Middlebox.Lab.Tests.Readme;

/// <summary>What a page tells its reader to type, and how he would.</summary>
internal static partial class DocumentedCommands
{
    private static readonly string Root = FindRoot();

    /// <summary>The commands in a page's sh blocks, without their comments.</summary>
    public static IEnumerable<string> Of(string page) =>
        Block().Matches(File.ReadAllText(Path.Combine(Root, page)))
            .SelectMany(block => block.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Select(line => line.Split("  #")[0].Trim());

    /// <summary>Runs a command from the root of the repository.</summary>
    public static async Task<(int ExitCode, string Output)> TypeAsync(string command, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("bash", ["-c", $"{command} 2>&1"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, output);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "Middlebox.sln")))
            directory = directory.Parent;
        return directory.FullName;
    }

    [GeneratedRegex("```sh\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
