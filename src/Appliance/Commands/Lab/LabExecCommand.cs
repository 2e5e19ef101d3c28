using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Middlebox.Native.Namespaces;

namespace Middlebox.Appliance.Commands.Lab;

/// <summary>
/// <c>middlebox lab exec HOST -- CMD...</c>: runs a command on a host of a lab, on this terminal, and ends with its exit
/// code.
/// </summary>
internal sealed class LabExecCommand : Command
{
    private readonly Argument<string> _host = new("HOST") { Description = "A host of the lab" };
    private readonly Argument<string[]> _command = new("CMD")
    {
        Description = "The command and its arguments, after --",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _instance = LabCommandLine.Instance("The lab (default: the only one that is up)");

    public LabExecCommand()
        : base("exec", "Run a command on a host of a lab")
    {
        Add(_host);
        Add(_command);
        Add(_instance);
        // Not asynchronous: for those the library ends the process two seconds after Ctrl-C, under a shell that lives on.
        SetAction(command => LabCommandLine.GuardAsync(command, () => Task.FromResult(Run(command))).GetAwaiter().GetResult());
    }

    private int Run(ParseResult command)
    {
        var instance = LabCommandLine.Select(command.GetValue(_instance));
        var host = command.GetRequiredValue(_host);
        if (!instance.Hosts.Contains(host))
        {
            throw new UsageException(
                $"Lab {instance.Name} has no host \"{host}\": use one of {string.Join(", ", instance.Hosts)}.");
        }
        // Ctrl-C reaches the command by itself, through the terminal; it decides what to make of it.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var process = Process.Start(new ProcessStartInfo("ip",
            ["netns", "exec", instance.NamespaceOf(host), .. command.GetRequiredValue(_command)]))!;
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            ProcessControl.Send(process.Id, ProcessSignal.Terminate);
        });
        process.WaitForExit();
        return process.ExitCode;
    }
}
