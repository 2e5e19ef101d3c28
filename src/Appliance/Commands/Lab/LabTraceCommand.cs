using System.CommandLine;
using Middlebox.Lab.Emulation;
using Middlebox.Lab.Topologies;

namespace Middlebox.Appliance.Commands.Lab;

/// <summary><c>middlebox lab trace</c>: prints a packet delivery trace of a link of varying rate, for a topology's <c>trace</c>.</summary>
internal sealed class LabTraceCommand : Command
{
    private readonly Option<string> _mean = new("--mean")
    {
        Description = "Mean rate",
        HelpName = "RATE",
        DefaultValueFactory = _ => "8mbit",
    };

    private readonly Option<int> _seconds = new("--seconds")
    {
        Description = "Length of the trace, 1 to 3600",
        HelpName = "N",
        DefaultValueFactory = _ => 30,
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "The same seed gives the same trace",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    public LabTraceCommand()
        : base("trace", "Print a packet delivery trace of a cellular link of varying rate: one time in milliseconds a line")
    {
        Add(_mean);
        Add(_seconds);
        Add(_seed);
        SetAction((command, _) => LabCommandLine.GuardAsync(command, () => RunAsync(command)));
    }

    private async Task<int> RunAsync(ParseResult command)
    {
        var text = command.GetValue(_mean);
        if (!LinkRate.TryParse(text, out var mean))
            throw new UsageException($"--mean {text} is not a rate: write a number and a unit, for example --mean 8mbit.");
        var seconds = command.GetValue(_seconds);
        if (seconds is < 1 or > 3600)
            throw new UsageException($"--seconds {seconds} is out of range: use 1 to 3600.");
        var output = command.InvocationConfiguration.Output;
        await output.WriteLineAsync($"# middlebox lab trace --mean {mean} --seconds {seconds} --seed {command.GetValue(_seed)}");
        foreach (var time in TraceGenerator.Generate(mean, TimeSpan.FromSeconds(seconds), command.GetValue(_seed)))
            await output.WriteLineAsync($"{time}");
        return LabCommandLine.Success;
    }
}
