using System.CommandLine;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Reports;
using Spectre.Console;

namespace Middlebox.Appliance.Commands.Top;

/// <summary><c>middlebox top</c>: the fastest connections of a running box, live.</summary>
internal sealed class TopCommand : Command
{
    // What the summary, the reasons and the table's head take of the screen.
    private const int LinesAround = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly BoxSelection _box = new();
    private readonly Option<bool> _once = new("--once") { Description = "Print the first second and end; so does output that is no terminal" };

    private readonly Option<int> _rows = new("--rows")
    {
        Description = "Connections shown (default: what fits the screen)",
        HelpName = "N",
    };

    public TopCommand()
        : base("top", "Show the fastest connections of a running box, every second, until Ctrl-C")
    {
        _box.AddTo(this);
        Add(_rows);
        Add(_once);
        SetAction((command, cancellation) => _box.UseAsync(command, socket => ShowAsync(command, socket, cancellation)));
    }

    private async Task ShowAsync(ParseResult command, string socket, CancellationToken cancellation)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(command.InvocationConfiguration.Output),
        });
        var earlier = await SampleAsync(socket, cancellation);
        await Task.Delay(Interval, cancellation);
        var later = await SampleAsync(socket, cancellation);
        var rows = command.GetValue(_rows) is > 0 and var wanted ? wanted : Math.Max(1, console.Profile.Height - LinesAround);
        if (command.GetValue(_once) || Console.IsOutputRedirected)
        {
            console.Write(TopScreen.Draw(earlier, later, rows));
            return;
        }

        try
        {
            await console.Live(TopScreen.Draw(earlier, later, rows)).StartAsync(async display =>
            {
                while (true)
                {
                    await Task.Delay(Interval, cancellation);
                    (earlier, later) = (later, await SampleAsync(socket, cancellation));
                    display.UpdateTarget(TopScreen.Draw(earlier, later, rows));
                }
            });
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C, the way in which it is meant to end.
        }
    }

    private static async Task<TopSample> SampleAsync(string socket, CancellationToken cancellation) => new(
        DateTimeOffset.UtcNow,
        await ControlClient.AskAsync<StatusReport>(socket, ControlProtocol.Status, cancellation),
        await ControlClient.AskAsync<IReadOnlyList<FlowReport>>(socket, ControlProtocol.Flows, cancellation));
}
