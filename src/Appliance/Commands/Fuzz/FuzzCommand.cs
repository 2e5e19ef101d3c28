using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Reports;

namespace Middlebox.Appliance.Commands.Fuzz;

/// <summary><c>middlebox fuzz</c>: feeds everything that reads hostile bytes with mutations, and checks what must hold.</summary>
internal sealed class FuzzCommand : Command
{
    private const int MostMinutes = 7 * 24 * 60;

    private readonly Argument<string[]> _targets = new("TARGET")
    {
        Description = "Only these:\n" + string.Join('\n', FuzzTargets.All.Select(target => $"{target.Name}: {target.Description}")),
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<double> _minutes = new("--minutes")
    {
        Description = "How long; default 1",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<int?> _seed = new("--seed") { Description = "Repeat the mutations of a run, from the same corpus; default another one each time", HelpName = "S" };
    private readonly Option<long> _inputs = new("--inputs") { Description = "End after so many inputs of each target", HelpName = "N", DefaultValueFactory = _ => long.MaxValue };

    private readonly Option<DirectoryInfo> _corpus = new("--corpus")
    {
        Description = "Directory with a folder of further inputs for each target, where findings are written to; default fuzz-findings",
        HelpName = "DIR",
        DefaultValueFactory = _ => new DirectoryInfo("fuzz-findings"),
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    public FuzzCommand()
        : base("fuzz", "Feed what reads hostile bytes with mutations and check what must hold; fails if something does not, and writes the input down")
    {
        _targets.AcceptOnlyFromAmong([.. FuzzTargets.All.Select(target => target.Name)]);
        DurationRange.Require(_minutes, MostMinutes);
        Add(_targets);
        Add(_minutes);
        Add(_seed);
        Add(_inputs);
        Add(_corpus);
        Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellation)
    {
        var chosen = command.GetValue(_targets) ?? [];
        var seed = command.GetValue(_seed) ?? Random.Shared.Next();
        var directory = command.GetRequiredValue(_corpus).FullName;
        var (output, error) = (command.InvocationConfiguration.Output, command.InvocationConfiguration.Error);
        await error.WriteLineAsync($"seed {seed}");
        var targets = FuzzTargets.All.Where(target => chosen.Length == 0 || chosen.Contains(target.Name));
        var session = new FuzzSession(directory, seed, TimeSpan.FromMinutes(command.GetValue(_minutes)), command.GetValue(_inputs), error);
        IReadOnlyList<FuzzReport> reports;
        try
        {
            reports = await session.RunAsync(targets, cancellation);
        }
        catch (IOException failure)
        {
            await error.WriteLineAsync($"fuzz: {failure.Message}");
            return ExitCode.Failure;
        }

        if (command.GetValue(_json))
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(reports, ReportJson.Options));
        }
        else
        {
            foreach (var report in reports)
            {
                await output.WriteLineAsync($"{report.Target,-14} {report.Inputs,12} inputs {report.Behaviours,7} behaviours  {(report.Problem is null ? "nothing found" : "FOUND")}");
                if (report.Problem is not null)
                    await output.WriteLineAsync($"{report.Problem}\n  input: {report.File}\n  again: middlebox fuzz {report.Target} --corpus {directory} --seed {report.Seed}");
            }
        }

        return reports.Any(report => report.Problem is not null) ? ExitCode.Failure : ExitCode.Success;
    }
}
