using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Reports;

namespace Middlebox.Appliance.Commands.Lab;

/// <summary><c>middlebox lab run EXPERIMENT</c>: raises what the experiment needs, measures, takes it down, prints the result.</summary>
internal sealed class LabRunCommand : Command
{
    private readonly Argument<string> _experiment = new("EXPERIMENT")
    {
        Description = $"{ElectionExperiment.Name}: {ElectionExperiment.Description}",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };
    private readonly Option<string?> _configurations = LabCommandLine.Configurations();

    public LabRunCommand()
        : base("run", "Run an experiment in a lab of its own and print what it showed; fails if something did not hold")
    {
        _experiment.AcceptOnlyFromAmong(ElectionExperiment.Name);
        Add(_experiment);
        Add(_json);
        Add(_configurations);
        SetAction((command, cancellation) => LabCommandLine.GuardAsync(command, () => RunAsync(command, cancellation)));
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellation)
    {
        var output = command.InvocationConfiguration.Output;
        var asJson = command.GetValue(_json);
        var experiment = new ElectionExperiment(
            TopologyCatalogue.Find(command.GetValue(_configurations)), new LineProgress(asJson ? TextWriter.Null : output));
        var results = await experiment.RunAsync(cancellation);
        if (asJson)
            await output.WriteLineAsync(JsonSerializer.Serialize(results, ReportJson.Options));
        else
            await WriteAsync(output, results);
        return results.All(result => result.Holds) ? LabCommandLine.Success : LabCommandLine.Failure;
    }

    private static async Task WriteAsync(TextWriter output, IReadOnlyList<ElectionResult> results)
    {
        await output.WriteLineAsync();
        await output.WriteLineAsync("boxes  server   IP    from client to server, each: acted or stepped out");
        foreach (var result in results)
        {
            var boxes = string.Join("  ", result.Decisions.Select(decision =>
                $"{decision.Box}: {(decision.Acted > 0 ? "acted" : decision.SteppedOut > 0 ? "stepped out" : "nothing")}"));
            await output.WriteLineAsync(
                $"{result.Boxes,5}  {result.Server,-7}  {(result.IsIpv6 ? "v6" : "v4")}    {boxes}{(result.Holds ? "" : "   DOES NOT HOLD")}");
        }
    }
}
