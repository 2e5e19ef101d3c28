using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Commands.Lab;
using Middlebox.Appliance.Reports;

namespace Middlebox.Appliance.Commands.Soak;

/// <summary><c>middlebox soak</c>: load with faults for a while in a lab of its own. Fails if something is not as it must be.</summary>
internal sealed class SoakCommand : Command
{
    private const int MostMinutes = 7 * 24 * 60;

    private readonly Option<double> _minutes = new("--minutes")
    {
        Description = "How long there is load; default 1",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<SoakFault[]> _faults = new("--faults")
    {
        Description = "Only these faults, in turns; default all",
        HelpName = "FAULT",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => Enum.GetValues<SoakFault>(),
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON, with every sample" };
    private readonly Option<string?> _out = new("--out") { Description = "Write soak.json and soak.svg into this directory", HelpName = "DIR" };
    private readonly Option<string?> _configurations = LabCommandLine.Configurations();

    public SoakCommand()
        : base("soak", "Put load and faults on a box in a lab of its own, and check bytes, descriptors, memory, sockets and rules")
    {
        DurationRange.Require(_minutes, MostMinutes);
        Add(_minutes);
        Add(_faults);
        Add(_json);
        Add(_out);
        Add(_configurations);
        SetAction((command, cancellation) => LabCommandLine.GuardAsync(command, () => RunAsync(command, cancellation)));
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellation)
    {
        var run = new SoakRun(
            TopologyCatalogue.Find(command.GetValue(_configurations)),
            TimeSpan.FromMinutes(command.GetValue(_minutes)),
            command.GetRequiredValue(_faults),
            new LineProgress(command.InvocationConfiguration.Error));
        var report = await run.RunAsync(cancellation);
        var json = JsonSerializer.Serialize(report, ReportJson.Options);
        if (command.GetValue(_out) is { } directory)
        {
            Directory.CreateDirectory(directory);
            await File.WriteAllTextAsync(Path.Combine(directory, "soak.json"), json, cancellation);
            await File.WriteAllTextAsync(Path.Combine(directory, "soak.svg"), SoakChart.Draw(report), cancellation);
        }

        var output = command.InvocationConfiguration.Output;
        if (command.GetValue(_json))
        {
            await output.WriteLineAsync(json);
        }
        else
        {
            await output.WriteLineAsync($"{report.Seconds:0} s, {report.Completed} connections and {report.Resets} resets, {report.Bytes / 1e9:0.0} GB");
            foreach (var invariant in report.Invariants)
                await output.WriteLineAsync($"{(invariant.Holds ? "holds" : "FAILS"),-6} {invariant.Name,-34} {invariant.Figure}");
            foreach (var failure in report.Failures)
                await output.WriteLineAsync($"       {failure}");
        }

        return report.Holds ? ExitCode.Success : ExitCode.Failure;
    }
}
