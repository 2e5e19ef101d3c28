using System.CommandLine;
using System.Text;
using System.Text.Json;
using Middlebox.Appliance.Commands.Lab;
using Middlebox.Appliance.Reports;
using Middlebox.Lab.Drawing;
using Spectre.Console;

namespace Middlebox.Appliance.Commands.Demo;

/// <summary><c>middlebox demo</c>: shows in a minute, with real peers, what the box is for. Fails if anything does not hold.</summary>
internal sealed class DemoCommand : Command
{
    private const int RedirectedWidth = 160;
    private const string TopologyName = "one-proxy";
    private const int MostAttempts = 3;

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };
    private readonly Option<string?> _configurations = LabCommandLine.Configurations();

    public DemoCommand()
        : base("demo", "Show with real traffic what the box does, when it acts and when it keeps out; takes about a minute")
    {
        Add(_json);
        Add(_configurations);
        SetAction((command, cancellation) => LabCommandLine.GuardAsync(command, () => RunAsync(command, cancellation)));
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellation)
    {
        var output = command.InvocationConfiguration.Output;
        var asJson = command.GetValue(_json);
        var progress = new LineProgress(asJson ? TextWriter.Null : output);
        var topology = TopologyCatalogue.Find(command.GetValue(_configurations)).Load(TopologyName);

        List<DemoResult> results = [];
        DemoRefusal refusal;
        await using (var run = await DemoRun.BuildAsync(topology, progress, cancellation))
        {
            if (!asJson)
                await IntroduceAsync(output, run);
            foreach (var demo in DemoRun.Cases)
            {
                progress.Report($"{demo.Title}");
                var result = await run.RunAsync(demo, cancellation);
                // Rates suffer when this machine is busy with something else for a moment.
                for (var attempt = 1; attempt < MostAttempts && result.Faults.Count > 0; attempt++)
                {
                    progress.Report($"{demo.Title}, once more, because {string.Join(", ", result.Faults)}");
                    result = await run.RunAsync(demo, cancellation);
                }

                results.Add(result);
            }

            progress.Report("a closed port, with the box and without");
            refusal = await run.RefuseAsync(cancellation);
        }

        var holds = refusal.Refused && results.All(result => result.Faults.Count == 0);
        if (asJson)
            await output.WriteLineAsync(JsonSerializer.Serialize(new { Holds = holds, Cases = results, ClosedPort = refusal }, ReportJson.Options));
        else
            await ReportAsync(output, results, refusal, holds);
        return holds ? ExitCode.Success : ExitCode.Failure;
    }

    private static async Task IntroduceAsync(TextWriter output, DemoRun run)
    {
        await output.WriteLineAsync();
        await output.WriteAsync(TopologyDrawing.Draw(
            run.Topology, new DrawingOptions(output.Encoding.CodePage == Encoding.UTF8.CodePage)));
        await output.WriteLineAsync();
        await output.WriteLineAsync(
            $"Both accesses carry {DemoRun.AccessMbps} Mbit/s. In each case the client fetches {DemoRun.TransferBytes / 1_000_000} MB"
            + " from the server and sends as many; congestion control is reno.");
        await output.WriteLineAsync();
    }

    private static async Task ReportAsync(
        TextWriter output, IReadOnlyList<DemoResult> results, DemoRefusal refusal, bool holds)
    {
        var settings = new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) };
        if (Console.IsOutputRedirected)
            settings.Ansi = AnsiSupport.No;
        var console = AnsiConsole.Create(settings);
        if (Console.IsOutputRedirected)
            console.Profile.Width = RedirectedWidth;
        var table = new Table().Border(TableBorder.Rounded).ShowRowSeparators();
        foreach (var column in new[] { "Who talks to whom", "The box", "Mbit/s down", "Mbit/s up", "2nd access", "The server saw", "The client is", "" })
            table.AddColumn(new TableColumn(column));
        foreach (var result in results)
        {
            var faults = string.Join("; ", result.Faults);
            table.AddRow(
                Markup.Escape(result.Case.Title),
                Markup.Escape(result.Decision),
                $"{result.DownMbps:0}",
                $"{result.UpMbps:0}",
                $"{result.SecondPathShare:P0}",
                Markup.Escape(result.ServerSaw),
                Markup.Escape(result.ClientIs),
                result.Faults.Count == 0 ? "[green]holds[/]" : $"[red]{Markup.Escape(faults)}[/]");
        }

        await output.WriteLineAsync();
        console.Write(table);
        await output.WriteLineAsync(
            $"A closed port was {(refusal.Refused ? "refused" : "NOT always refused")}: after {refusal.With.TotalMilliseconds:0.00} ms with the box,"
            + $" {refusal.Without.TotalMilliseconds:0.00} ms without (medians).");
        await output.WriteLineAsync(holds
            ? "Everything held. Try it yourself: ./middlebox lab up one-proxy"
            : "Not everything held: see the last column.");
    }
}
