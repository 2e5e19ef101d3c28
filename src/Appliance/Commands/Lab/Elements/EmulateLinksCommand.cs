using System.CommandLine;
using System.Runtime.InteropServices;
using Middlebox.Lab.Emulation;
using Middlebox.Native.Namespaces;

namespace Middlebox.Appliance.Commands.Lab.Elements;

/// <summary><c>middlebox lab element emulate-links</c>: carries the packets of emulated links until it is ended; SIGHUP starts their time lines.</summary>
internal sealed class EmulateLinksCommand : Command
{
    private readonly Option<string> _plan = new("--plan")
    {
        Description = "The file in which the lab has written what links there are",
        HelpName = "FILE",
        Required = true,
    };

    public EmulateLinksCommand()
        : base("emulate-links", "Carry the packets of links with delay, jitter, loss and a time line")
    {
        Add(_plan);
        SetAction((command, cancellation) => LabCommandLine.GuardAsync(command, () => RunAsync(command, cancellation)));
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellation)
    {
        LinkEmulator? emulator = null;
        var isAsked = false;
        // Before there are devices: the lab may signal as soon as it sees them, which is before all threads run.
        ProcessControl.StopIgnoring(ProcessSignal.HangUp);
        using var start = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Volatile.Write(ref isAsked, true);
            Volatile.Read(ref emulator)?.StartTimelines();
        });
        using var links = LinkEmulator.Start(command.GetRequiredValue(_plan));
        Volatile.Write(ref emulator, links);
        if (Volatile.Read(ref isAsked))
            links.StartTimelines();
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The way in which it is meant to end.
        }

        return LabCommandLine.Success;
    }
}
