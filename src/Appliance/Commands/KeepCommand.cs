using System.CommandLine;
using System.Runtime.InteropServices;
using Middlebox.Appliance.Keeper;
using Middlebox.Native.Namespaces;

namespace Middlebox.Appliance.Commands;

/// <summary><c>middlebox keep</c>: as <c>run</c>, in a process of its own that may die without a connection being lost.</summary>
internal sealed class KeepCommand : Command
{
    private const double MostStartSeconds = 600;

    private readonly Option<FileInfo> _config = ConfigurationOption.Create();

    // Twenty times what a whole start takes, and less than connections are held for, so that another start may save them.
    private readonly Option<double> _startPatience = new("--start-patience")
    {
        Description = "For how long a process may not get on with its start, until it serves, before it is killed and another one started; twice as long after each"
            + " that was killed for it, up to eight times, for as long as it takes",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 8,
    };

    public KeepCommand()
        : base("keep", "Serve as \"run\" does, and lose no connection if the serving process dies: another one goes on with them")
    {
        DurationRange.Require(_startPatience, MostStartSeconds);
        Add(_config);
        Add(_startPatience);
        SetAction((command, cancellation) => Task.Factory.StartNew(
            () => Keep(command.GetRequiredValue(_config).FullName, TimeSpan.FromSeconds(command.GetValue(_startPatience)), cancellation),
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
    }

    private static int Keep(string path, TimeSpan startPatience, CancellationToken cancellation)
    {
        var keeper = new DaemonKeeper(
            [.. OwnProgram(), "run", "--config", path], [.. OwnProgram(), "restore", "--config", path], startPatience, Console.Error, TimeProvider.System);
        ProcessControl.StopIgnoring(ProcessSignal.HangUp);
        using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            keeper.Signal(ProcessSignal.HangUp);
        });
        // The first one cancels, and the daemon hears of it by that. One more is for the daemon too, which may be waiting for connections to finish.
        var isTold = false;
        using var impatience = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            if (isTold)
            {
                signal.Cancel = true;
                keeper.Signal(ProcessSignal.Terminate);
            }

            isTold = true;
        });
        return keeper.Run(cancellation);
    }

    /// <summary>This executable, or the .dll that was given to the dotnet host.</summary>
    private static string[] OwnProgram() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]]
            : [Environment.ProcessPath!];
}
