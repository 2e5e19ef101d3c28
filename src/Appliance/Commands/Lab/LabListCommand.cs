using System.CommandLine;
using System.Text.Json;
using Middlebox.Lab;
using Middlebox.Lab.Topologies;

namespace Middlebox.Appliance.Commands.Lab;

/// <summary><c>middlebox lab list</c>: the topologies there are and the labs that are up.</summary>
internal sealed class LabListCommand : Command
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };
    private readonly Option<string?> _configurations = LabCommandLine.Configurations();

    public LabListCommand()
        : base("list", "List the topologies and the labs that are up")
    {
        Add(_json);
        Add(_configurations);
        SetAction((command, _) => LabCommandLine.GuardAsync(command, () => RunAsync(command)));
    }

    private async Task<int> RunAsync(ParseResult command)
    {
        var output = command.InvocationConfiguration.Output;
        var catalogue = TopologyCatalogue.Find(command.GetValue(_configurations));
        var topologies = catalogue.Names().Select(name => new { Name = name, Description = Describe(catalogue, name) }).ToList();
        var instances = Laboratory.Existing();
        if (command.GetValue(_json))
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(new { Topologies = topologies, Instances = instances }, Json));
            return LabCommandLine.Success;
        }
        var width = topologies.Select(topology => topology.Name.Length).DefaultIfEmpty(0).Max();
        await output.WriteLineAsync($"Topologies in {catalogue.Directory}:");
        foreach (var topology in topologies)
            await output.WriteLineAsync($"  {topology.Name.PadRight(width)}  {topology.Description}");
        await output.WriteLineAsync(instances.Count == 0 ? "No lab is up." : "Labs that are up:");
        foreach (var instance in instances)
        {
            var origin = instance.Topology ?? "left behind";
            await output.WriteLineAsync($"  {instance.Name} ({origin}): {string.Join(", ", instance.Hosts)}");
        }
        return LabCommandLine.Success;
    }

    private static string Describe(TopologyCatalogue catalogue, string name)
    {
        try
        {
            return catalogue.Load(name).Description;
        }
        catch (TopologyException exception)
        {
            return $"cannot be used: {exception.Errors.Count} error(s), \"middlebox lab up {name}\" lists them";
        }
    }
}
