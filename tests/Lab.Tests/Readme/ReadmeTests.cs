using System.Diagnostics;
using System.Text.RegularExpressions;
using Middlebox.Lab.Tests.Lab;

namespace Middlebox.Lab.Tests.Readme;

/// <summary>Runs what the README tells a newcomer to type, as he would: with the launcher, from the root of the repository.</summary>
[LabRequirement]
[NonParallelizable]
public sealed partial class ReadmeTests
{
    // The test command would run this test again.
    private const string TestCommand = "./middlebox test";

    private static readonly string Root = FindRoot();

    [TearDown]
    public Task RemoveLab() => Laboratory.DownAsync("one-proxy");

    [Test]
    public void Blocks_NameTheTwoCommandsFirst() =>
        Assert.That(Commands().Take(2), Is.EqualTo(new[] { "./middlebox demo", TestCommand }));

    [Test]
    [CancelAfter(300_000)]
    public async Task Blocks_EveryCommandSucceeds(CancellationToken cancellation)
    {
        foreach (var command in Commands().Where(command => command != TestCommand))
        {
            // A newcomer has one lab up, and need not say which; on this machine others may have theirs.
            var unmistakable = command.Replace("lab exec client --", "lab exec client --instance one-proxy --", StringComparison.Ordinal);
            var (exitCode, output) = await ShellAsync(unmistakable, cancellation);
            Assert.That(exitCode, Is.Zero, $"{command}\n{output}");
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Check_OfTheShippedConfigurations_Succeeds(CancellationToken cancellation)
    {
        foreach (var configuration in new[] { "implicit", "explicit" })
        {
            var (exitCode, output) = await ShellAsync(
                $"Middlebox__Explicit__ProxyId=1 ./middlebox check --config configs/{configuration}.json", cancellation);
            Assert.That(exitCode, Is.Zero, output);
        }
    }

    /// <summary>The commands in the README's sh blocks, without their comments.</summary>
    private static IEnumerable<string> Commands() =>
        Block().Matches(File.ReadAllText(Path.Combine(Root, "README.md")))
            .SelectMany(block => block.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Select(line => line.Split("  #")[0].Trim());

    private static async Task<(int ExitCode, string Output)> ShellAsync(string command, CancellationToken cancellation)
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
