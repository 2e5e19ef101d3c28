using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using Middlebox.Appliance.Host;

namespace Middlebox.Appliance.Commands.Package;

/// <summary><c>middlebox package</c>: makes a .deb of the sources, with the .NET runtime in it.</summary>
internal sealed class PackageCommand : Command
{
    private const string Solution = "Middlebox.sln";

    private readonly Option<DirectoryInfo> _out = new("--out")
    {
        Description = "Directory for the package; default artifacts in the repository",
        HelpName = "DIR",
    };

    public PackageCommand()
        : base("package", "Make a Debian package of these sources, which needs no .NET where it is installed")
    {
        Add(_out);
        SetAction(MakeAsync);
    }

    private async Task<int> MakeAsync(ParseResult command, CancellationToken cancellation)
    {
        var (output, error) = (command.InvocationConfiguration.Output, command.InvocationConfiguration.Error);
        if (FindSources() is not { } sources)
        {
            await error.WriteLineAsync($"There are no sources here: run ./middlebox package in a clone of the repository, which has {Solution}.");
            return ExitCode.Failure;
        }

        var directory = command.GetValue(_out)?.FullName ?? Path.Combine(sources, "artifacts");
        var work = Directory.CreateTempSubdirectory("middlebox-package-").FullName;
        try
        {
            Directory.CreateDirectory(directory);
            await error.WriteLineAsync("publishing, with the runtime; this takes a minute");
            var payload = Path.Combine(work, "payload");
            if (await PublishAsync(sources, payload, cancellation) is { } problem)
            {
                await error.WriteLineAsync(problem);
                return ExitCode.Failure;
            }

            await error.WriteLineAsync("packing");
            var package = new DebianPackage(sources, payload, Path.Combine(work, "tree"), Version);
            await output.WriteLineAsync(package.Make(directory));
            return ExitCode.Success;
        }
        catch (Exception failure) when (failure is HostSetupException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"No package: {failure.Message}");
            return ExitCode.Failure;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>The version that the program was built with, without the commit, which has no order.</summary>
    private static string Version =>
        typeof(PackageCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static string? FindSources()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, Solution)))
            directory = directory.Parent;
        return directory?.FullName;
    }

    /// <returns>What went wrong; null if nothing did.</returns>
    private static async Task<string?> PublishAsync(string sources, string payload, CancellationToken cancellation)
    {
        // One file, because the runtime reads the parts of a program as it goes, and those of an upgrade would not fit.
        string[] arguments =
        [
            "publish", Path.Combine(sources, "src", "Appliance"), "-c", "Release", "-r", DebianPackage.Architecture.Runtime, "--self-contained",
            "-p:PublishSingleFile=true", "-p:DebugType=none", "-o", payload, "-v", "quiet", "--nologo",
            // An ordinary build looks for faults.
            "-p:RunAnalyzers=false",
            // Apart from what an ordinary build makes, which another process may be using.
            "--artifacts-path", Path.Combine(sources, "artifacts", "package"),
        ];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        try
        {
            var text = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? null : $"dotnet publish ended with {process.ExitCode}:\n{text}";
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
