using System.CommandLine;
using Middlebox.Interceptor.Filtering;
using Middlebox.Lab.Topologies;

namespace Middlebox.Appliance.Commands.Lab.Elements;

/// <summary><c>middlebox lab element strip-options</c>: blanks unassigned MPTCP options in a queue's packets until it is ended.</summary>
internal sealed class StripOptionsCommand : Command
{
    private readonly Option<ushort> _queue = new("--queue")
    {
        Description = "Number of the NFQUEUE queue",
        HelpName = "N",
        DefaultValueFactory = _ => ElementPlacement.Queue,
    };

    public StripOptionsCommand()
        : base(ElementPlacement.StripOptions, "Blank MPTCP options of subtypes 0x9 to 0xF")
    {
        Add(_queue);
        SetAction((command, cancellation) => LabCommandLine.GuardAsync(command, () => RunAsync(command, cancellation)));
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellation)
    {
        try
        {
            using var queue = new PacketFilterQueue(command.GetValue(_queue), OptionStripper.Strip);
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The way in which it is meant to end.
        }

        return LabCommandLine.Success;
    }
}
