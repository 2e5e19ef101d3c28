using System.CommandLine;
using Middlebox.Appliance.Options.Reference;

namespace Middlebox.Appliance.Commands.Config;

/// <summary><c>middlebox config schema</c>: the JSON schema by which editors complete and check a configuration.</summary>
internal sealed class ConfigSchemaCommand : Command
{
    public ConfigSchemaCommand()
        : base("schema", "Print the JSON schema of configurations, for editors") =>
        SetAction((command, _) => PrintAsync(command));

    private static async Task<int> PrintAsync(ParseResult command)
    {
        await command.InvocationConfiguration.Output.WriteLineAsync(new ConfigurationReference().Schema());
        return ExitCode.Success;
    }
}
