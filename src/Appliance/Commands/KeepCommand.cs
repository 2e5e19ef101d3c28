using System.CommandLine;
using System.Runtime.InteropServices;
using Middlebox.Appliance.Keeper;
using Middlebox.Native.Namespaces;

namespace Middlebox.Appliance.Commands;

/// <summary><c>middlebox keep</c>: as <c>run</c>, in a process of its own that may die without a connection being lost.</summary>
internal sealed class KeepCommand : Command
{
    private readonly Option<FileInfo> _config = ConfigurationOption.Create();

    public KeepCommand()
        : base("keep", "Serve as \"run\" does, and lose no connection if the serving process dies: another one goes on with them")
    {
        Add(_config);
        SetAction((command, cancellation) => Task.Factory.StartNew(
            () => Keep(command.GetRequiredValue(_config).FullName, cancellation),
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
    }

    private static int Keep(string path, CancellationToken cancellation)
    {
        var keeper = new DaemonKeeper([.. OwnProgram(), "run", "--config", path], Console.Error, TimeProvider.System);
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
