using System.CommandLine;
using Middlebox.Lab;

namespace Middlebox.Appliance.Commands.Lab;

/// <summary><c>middlebox lab down</c>: removes a lab, whoever built it and in whatever state it is.</summary>
internal sealed class LabDownCommand : Command
{
    private readonly Argument<string?> _name = new("NAME")
    {
        Description = "The lab's instance name (default: the only one that is up)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _all = new("--all") { Description = "Remove all labs" };

    public LabDownCommand()
        : base("down", "Remove a lab: its processes, namespaces and files")
    {
        Add(_name);
        Add(_all);
        SetAction((command, _) => LabCommandLine.GuardAsync(command, () => RunAsync(command)));
    }

    private async Task<int> RunAsync(ParseResult command)
    {
        var output = command.InvocationConfiguration.Output;
        var name = command.GetValue(_name);
        var all = command.GetValue(_all);
        if (all && name is not null)
            throw new UsageException("NAME and --all exclude each other: give one of them.");
        var instances = Laboratory.Existing();
        if (!all && (name is not null || instances.Count > 1))
            instances = [.. instances.Where(instance => instance.Name == LabCommandLine.Select(name).Name)];
        foreach (var instance in instances)
        {
            await Laboratory.DownAsync(instance.Name);
            await output.WriteLineAsync($"Lab {instance.Name} is down.");
        }
        if (instances.Count == 0)
            await output.WriteLineAsync("No lab is up.");
        return LabCommandLine.Success;
    }
}
