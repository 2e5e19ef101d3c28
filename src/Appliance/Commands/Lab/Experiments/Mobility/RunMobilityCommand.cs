using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Reports;
using Middlebox.Lab.Topologies;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary><c>middlebox lab run mobility</c>: a client that moves, with plain TCP and with MPTCP through the box, over all traces.</summary>
internal sealed class RunMobilityCommand : Command
{
    private const string Steady = "mobility";

    private readonly Option<int> _runs = new("--runs")
    {
        Description = "How often each mode goes over each trace, 1 to 50; medians and spread are printed",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<string[]> _traces = new("--trace")
    {
        Description = "Only this topology, for example mobility-walk; may be repeated (default: all that are called mobility)",
        HelpName = "NAME",
    };

    private readonly Option<string?> _pictures = new("--pictures")
    {
        Description = "Write an SVG picture of each trace into this directory",
        HelpName = "DIR",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };
    private readonly Option<string?> _configurations = LabCommandLine.Configurations();

    public RunMobilityCommand()
        : base(Steady, "A moving client with bad Wi-Fi and variable cellular: plain TCP on each, MPTCP through the box; one minute for each trace and run")
    {
        Add(_runs);
        Add(_traces);
        Add(_pictures);
        Add(_json);
        Add(_configurations);
        SetAction((command, cancellation) => LabCommandLine.GuardAsync(command, () => RunAsync(command, cancellation)));
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellation)
    {
        var output = command.InvocationConfiguration.Output;
        var runs = command.GetValue(_runs);
        if (runs is < 1 or > 50)
            throw new UsageException($"--runs {runs} is out of range: use 1 to 50.");
        var asJson = command.GetValue(_json);
        var topologies = Load(TopologyCatalogue.Find(command.GetValue(_configurations)), command.GetValue(_traces) ?? []);
        var progress = new LineProgress(asJson ? command.InvocationConfiguration.Error : output);
        var results = new List<MobilityResult>();
        foreach (var topology in topologies)
        {
            for (var run = 1; run <= runs; run++)
            {
                progress.Report($"{topology.Name}: {topology.Description}, run {run} of {runs}");
                // At once, because each takes a minute and little of a processor.
                results.AddRange(await Task.WhenAll(
                    Enum.GetValues<MobilityMode>().Select(mode => new MobilityRun(topology, mode, run).RunAsync(cancellation))));
            }
        }

        var report = new MobilityReport(results);
        if (asJson)
            await output.WriteLineAsync(JsonSerializer.Serialize(report.Json, ReportJson.Options));
        else
            await report.WriteAsync(output);
        if (command.GetValue(_pictures) is { } directory)
            await WritePicturesAsync(directory, topologies, results, asJson ? TextWriter.Null : output);
        return report.Holds ? LabCommandLine.Success : LabCommandLine.Failure;
    }

    private static List<Topology> Load(TopologyCatalogue catalogue, string[] names)
    {
        var all = catalogue.Names().Where(name => name == Steady || name.StartsWith($"{Steady}-", StringComparison.Ordinal)).ToList();
        if (names.Except(all).FirstOrDefault() is { } unknown)
            throw new UsageException($"--trace {unknown} is no trace: use one of {string.Join(", ", all)}.");
        return [.. (names.Length > 0 ? names : [.. all]).Select(catalogue.Load)];
    }

    private static async Task WritePicturesAsync(
        string directory, IEnumerable<Topology> topologies, List<MobilityResult> results, TextWriter output)
    {
        Directory.CreateDirectory(directory);
        foreach (var topology in topologies)
        {
            var path = Path.Combine(directory, $"{topology.Name}.svg");
            await File.WriteAllTextAsync(path, RatePicture.Draw(topology, [.. results.Where(result => result.Trace == topology.Name && result.Run == 1)]));
            await output.WriteLineAsync($"Picture: {path}");
        }
    }
}
