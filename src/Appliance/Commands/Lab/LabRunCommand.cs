using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Commands.Lab.Experiments;
using Middlebox.Appliance.Commands.Lab.Experiments.Election;
using Middlebox.Appliance.Commands.Lab.Experiments.Mobility;
using Middlebox.Appliance.Commands.Lab.Experiments.Selection;
using Middlebox.Appliance.Reports;

namespace Middlebox.Appliance.Commands.Lab;

/// <summary><c>middlebox lab run EXPERIMENT</c>: raises what the experiment needs, measures, takes it down, prints the result.</summary>
internal sealed class LabRunCommand : Command
{
    private static readonly IExperiment[] Experiments = [new ElectionExperiment(), new SelectionExperiment()];

    private readonly Argument<string> _experiment = new("EXPERIMENT")
    {
        Description = string.Join('\n', Experiments.Select(experiment => $"{experiment.Name}: {experiment.Description}")),
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };
    private readonly Option<string?> _configurations = LabCommandLine.Configurations();

    public LabRunCommand()
        : base("run", "Run an experiment in a lab of its own and print what it showed; fails if something did not hold")
    {
        _experiment.AcceptOnlyFromAmong([.. Experiments.Select(experiment => experiment.Name)]);
        Add(_experiment);
        Add(_json);
        Add(_configurations);
        Add(new RunMobilityCommand());
        SetAction((command, cancellation) => LabCommandLine.GuardAsync(command, () => RunAsync(command, cancellation)));
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellation)
    {
        var output = command.InvocationConfiguration.Output;
        var asJson = command.GetValue(_json);
        var name = command.GetRequiredValue(_experiment);
        var report = await Experiments.Single(experiment => experiment.Name == name).RunAsync(
            TopologyCatalogue.Find(command.GetValue(_configurations)),
            new LineProgress(asJson ? TextWriter.Null : output),
            cancellation);
        if (asJson)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(report.Json, ReportJson.Options));
        }
        else
        {
            await output.WriteLineAsync();
            await report.WriteAsync(output);
        }

        return report.Holds ? LabCommandLine.Success : LabCommandLine.Failure;
    }
}
