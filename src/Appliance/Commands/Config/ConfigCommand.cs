using System.CommandLine;

namespace Middlebox.Appliance.Commands.Config;

/// <summary><c>middlebox config</c>: help with configurations; none of its verbs looks at the host or changes anything.</summary>
internal sealed class ConfigCommand : Command
{
    public ConfigCommand()
        : base("config", "Check, show and explain configurations")
    {
        Add(new ConfigCheckCommand());
        Add(new ConfigShowCommand());
        Add(new ConfigExplainCommand());
        Add(new ConfigSchemaCommand());
    }
}
