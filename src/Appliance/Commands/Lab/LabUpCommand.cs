using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Middlebox.Lab;
using Middlebox.Lab.Drawing;
using Middlebox.Lab.Topologies;

namespace Middlebox.Appliance.Commands.Lab;

/// <summary><c>middlebox lab up NAME</c>: builds a topology, starts what runs in it and leaves it running.</summary>
internal sealed class LabUpCommand : Command
{
    private readonly Argument<string> _name = new("NAME") { Description = "A topology of \"lab list\", or a .json file" };
    private readonly Option<string?> _instance = LabCommandLine.Instance("Name of this lab, to have several (default: NAME)");
    private readonly Option<string?> _configurations = LabCommandLine.Configurations();
    private readonly Option<bool> _noBoxes = new("--no-boxes") { Description = "Do not start the appliances" };

    private readonly Option<string[]> _rates = new("--rate")
    {
        Description = "Limit a link in both directions, for example wifi=50mbit; may be repeated",
        HelpName = "LINK=RATE",
    };

    private readonly Option<string[]> _losses = new("--loss")
    {
        Description = "Lose a share of a link's packets in both directions, for example lte=0.01; may be repeated",
        HelpName = "LINK=SHARE",
    };

    public LabUpCommand()
        : base("up", "Build a topology and leave it running")
    {
        Add(_name);
        Add(_instance);
        Add(_rates);
        Add(_losses);
        Add(_noBoxes);
        Add(_configurations);
        SetAction((command, cancellation) => LabCommandLine.GuardAsync(command, () => RunAsync(command, cancellation)));
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var output = command.InvocationConfiguration.Output;
        var topology = TopologyCatalogue.Find(command.GetValue(_configurations)).Load(command.GetRequiredValue(_name));
        var options = new LabOptions
        {
            InstanceName = command.GetValue(_instance),
            StartBoxes = !command.GetValue(_noBoxes),
            Rates = Assignments<LinkRate>(topology, command.GetValue(_rates), "--rate", "wifi=50mbit",
                text => LinkRate.TryParse(text, out var rate) ? rate : null),
            Losses = Assignments<double>(topology, command.GetValue(_losses), "--loss", "lte=0.01",
                text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var loss) ? loss : null),
        };
        var lab = await Laboratory.UpAsync(topology, options, new LineProgress(output), cancellation);
        await output.WriteLineAsync();
        await output.WriteAsync(TopologyDrawing.Draw(lab.Topology, DrawingFor(output)));
        await output.WriteLineAsync();
        await output.WriteLineAsync(
            $"Lab {lab.InstanceName} is up after {watch.Elapsed.TotalSeconds:0.0} s. {topology.Description}.");
        await WriteHintsAsync(output, lab);
        return LabCommandLine.Success;
    }

    private static async Task WriteHintsAsync(TextWriter output, Laboratory lab)
    {
        var which = Laboratory.Existing().Count > 1 ? $" --instance {lab.InstanceName}" : "";
        var client = lab.Topology.Hosts[0].Name;
        foreach (var server in lab.Topology.Servers)
        {
            var address = lab.Topology.EndsOf(server.Host).SelectMany(end => end.Addresses).FirstOrDefault(own => !own.IsIPv6);
            var url = $"http://{address.Address}{(server.Ports[0] == 80 ? "" : $":{server.Ports[0]}")}";
            await output.WriteLineAsync(
                $"  try:  middlebox lab exec {client}{which} -- mptcpize run curl {url}/whoami    ({server.Host} server)");
        }
        await output.WriteLineAsync($"  end:  middlebox lab down {lab.InstanceName}");
    }

    private static DrawingOptions DrawingFor(TextWriter output)
    {
        var width = Console.IsOutputRedirected ? new DrawingOptions().Width : Console.WindowWidth;
        return new DrawingOptions(output.Encoding.CodePage == Encoding.UTF8.CodePage, width);
    }

    private static Dictionary<string, T> Assignments<T>(
        Topology topology, string[]? texts, string option, string example, Func<string, T?> parse)
        where T : struct
    {
        var values = new Dictionary<string, T>();
        foreach (var text in texts ?? [])
        {
            var parts = text.Split('=', 2);
            if (parts.Length != 2 || parse(parts[1]) is not { } value)
            {
                throw new UsageException(
                    $"{option} {text} cannot be read: write a link and a value, for example {option} {example}.");
            }
            if (topology.Links.All(link => link.Name != parts[0]))
            {
                throw new UsageException($"{option} {text}: topology {topology.Name} has no link {parts[0]}; "
                    + $"use one of {string.Join(", ", topology.Links.Select(link => link.Name))}.");
            }
            values[parts[0]] = value;
        }
        return values;
    }
}
