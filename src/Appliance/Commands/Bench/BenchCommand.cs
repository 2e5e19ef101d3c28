using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Commands.Lab;
using Middlebox.Appliance.Reports;
using Middlebox.Bench;
using Middlebox.Bench.Figures;
using Middlebox.Bench.Reports;
using Middlebox.Bench.Ways;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Bench;

/// <summary><c>middlebox bench</c>: this appliance, HAProxy and the kernel's forwarding side by side. Fails if a run proves to be none.</summary>
internal sealed class BenchCommand : Command
{
    private const string TopologyName = "bench";
    private const string Mptcpize = "mptcpize";
    private const string Listener = "listener";
    private const int MostRounds = 100;
    private const int MostSeconds = 60;
    private static readonly BenchOptions Defaults = new();
    private static readonly BenchOptions QuickDefaults = new() { Quick = true, Rounds = 1, Seconds = 1 };

    private readonly Option<string?> _figures = new("--figures")
    {
        Description = "Only these, separated by commas:\n"
            + string.Join('\n', FigureCatalogue.Descriptions.Select(figure => $"{figure.Key}: {figure.Value}")),
        HelpName = "A,B",
    };

    private readonly Option<int?> _rounds = Number("--rounds", $"How often everything is measured; default {Defaults.Rounds}", MostRounds);
    private readonly Option<int?> _seconds = Number("--seconds", $"Length of one measurement; default {Defaults.Seconds}", MostSeconds);
    private readonly Option<bool> _quick = new("--quick") { Description = "One round of one second without the long variants, in under 90 s" };
    private readonly Option<string> _haproxy = new("--haproxy")
    {
        Description = "How HAProxy comes to MPTCP sockets: \"mptcpize\" makes all of them MPTCP's, \"listener\" only those towards clients",
        HelpName = "HOW",
        DefaultValueFactory = _ => Mptcpize,
    };

    private readonly Option<bool> _keeper = new("--keeper") { Description = "Run the appliance under its keeper (\"middlebox keep\")" };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };
    private readonly Option<string?> _out = new("--out") { Description = "Write bench.json, bench.md and bench.svg into this directory", HelpName = "DIR" };
    private readonly Option<string?> _configurations = LabCommandLine.Configurations();

    public BenchCommand()
        : base("bench", "Compare the appliance with HAProxy, plain forwarding and end-to-end MPTCP in a lab of its own; proves every run")
    {
        Add(_figures);
        Add(_rounds);
        Add(_seconds);
        Add(_quick);
        _haproxy.AcceptOnlyFromAmong(Mptcpize, Listener);
        Add(_haproxy);
        Add(_keeper);
        Add(_json);
        Add(_out);
        Add(_configurations);
        SetAction((command, cancellation) => LabCommandLine.GuardAsync(command, () => RunAsync(command, cancellation)));
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellation)
    {
        var options = ReadOptions(command);
        var topology = TopologyCatalogue.Find(command.GetValue(_configurations)).Load(TopologyName);
        var directory = command.GetValue(_out);
        if (directory is not null)
            Directory.CreateDirectory(directory);

        var report = await BenchRun.RunAsync(
            topology,
            options,
            new LabOptions { InstanceName = $"bench{Environment.ProcessId}", KeepBoxes = command.GetValue(_keeper) },
            new LineProgress(command.InvocationConfiguration.Error),
            cancellation);

        var json = JsonSerializer.Serialize(report, ReportJson.Options);
        if (directory is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "bench.json"), json, cancellation);
            await File.WriteAllTextAsync(Path.Combine(directory, "bench.md"), MarkdownTable.Write(report), cancellation);
            await File.WriteAllTextAsync(Path.Combine(directory, "bench.svg"), SvgChart.Draw(report), cancellation);
        }

        var output = command.InvocationConfiguration.Output;
        if (command.GetValue(_json))
            await output.WriteLineAsync(json);
        else
            BenchTable.Write(output, report);
        return report.Valid ? ExitCode.Success : ExitCode.Failure;
    }

    private BenchOptions ReadOptions(ParseResult command)
    {
        var defaults = command.GetValue(_quick) ? QuickDefaults : Defaults;
        var figures = command.GetValue(_figures)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        var unknown = figures.Except(FigureCatalogue.Descriptions.Keys).ToList();
        if (unknown.Count > 0)
        {
            throw new UsageException($"--figures: there is no {string.Join(", ", unknown)}: "
                + $"use some of {string.Join(",", FigureCatalogue.Descriptions.Keys)}.");
        }

        return defaults with
        {
            Figures = figures,
            Rounds = command.GetValue(_rounds) ?? defaults.Rounds,
            Seconds = command.GetValue(_seconds) ?? defaults.Seconds,
            Haproxy = command.GetValue(_haproxy) == Listener ? HaproxySockets.InheritedListener : HaproxySockets.Mptcpize,
        };
    }

    private static Option<int?> Number(string name, string description, int most)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && (value < 1 || value > most))
                result.AddError($"{name} {value}: use a whole number from 1 to {most}.");
        });
        return option;
    }
}
