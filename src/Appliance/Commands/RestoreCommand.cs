using System.CommandLine;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Commands;

/// <summary><c>middlebox restore</c>: does what the end in order of a box does on its host, after one that was killed.</summary>
internal sealed class RestoreCommand : Command
{
    private readonly Option<FileInfo?> _config = new("--config")
    {
        Description = "Configuration of the box; needed only if a firewall reload has removed the box's mark as well, which says where its journal lies",
        HelpName = "FILE",
    };

    public RestoreCommand()
        : base("restore", "Take back what a box has left in this network namespace that was killed; refused while one runs")
    {
        Add(_config);
        SetAction((command, _) => RestoreAsync(command));
    }

    private async Task<int> RestoreAsync(ParseResult command)
    {
        var (output, error) = (command.InvocationConfiguration.Output, command.InvocationConfiguration.Error);
        MiddleboxOptions? options = null;
        // What is left is to go all the same: a box may have been killed because of its configuration.
        if (command.GetValue(_config) is { } config && !ConfigurationReader.TryRead(config.FullName, out options, out var faults))
        {
            await ConfigurationOption.ReportAsync(error, config.FullName, faults);
            await error.WriteLineAsync("The journal is looked for by the box's mark only.");
        }

        List<string> journals = [];
        try
        {
            using var claim = new NamespaceClaim();
            var problems = Leftovers.TakeBack(options is null ? null : Journal.Open(options.JournalPath), journal => journals.Add(journal.Path));
            foreach (var problem in problems)
                await error.WriteLineAsync($"Not restored: {problem}");
            await output.WriteLineAsync(journals.Count == 0
                ? "No journal says that a box was killed here; rules and sets with a box's names are gone, if there were any."
                : $"What a box has changed in this network namespace is taken back, by {string.Join(" and ", journals)}.");
            return problems.Count == 0 ? ExitCode.Success : ExitCode.Failure;
        }
        catch (Exception failure) when (failure is HostSetupException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"restore: {failure.Message}");
            return ExitCode.Failure;
        }
    }
}
