using System.CommandLine;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Commands;

/// <summary>The option <c>--config FILE</c>, and how the faults of such a file are told.</summary>
internal static class ConfigurationOption
{
    public static Option<FileInfo> Create() => new("--config")
    {
        Description = "Configuration, JSON; environment variables such as Middlebox__Name override its keys",
        HelpName = "FILE",
        Required = true,
    };

    /// <summary>Writes every fault on a line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ReportAsync(TextWriter error, string path, IReadOnlyList<ConfigurationError> errors)
    {
        await error.WriteLineAsync($"{path} (with the environment over it) has {errors.Count} {(errors.Count == 1 ? "error" : "errors")}:");
        foreach (var fault in errors)
            await error.WriteLineAsync($"  {fault}");
        return ExitCode.Usage;
    }
}
