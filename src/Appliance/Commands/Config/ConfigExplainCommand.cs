using System.CommandLine;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Options.Reference;

namespace Middlebox.Appliance.Commands.Config;

/// <summary><c>middlebox config explain KEY</c>: what a key means, its unit, range and default, and when a change takes effect.</summary>
internal sealed class ConfigExplainCommand : Command
{
    private readonly Argument<string> _key = new("KEY")
    {
        Description = "A key such as ProxyEngine:MaxFlows, or a section such as Policy; nothing for all",
        DefaultValueFactory = _ => "",
    };

    public ConfigExplainCommand()
        : base("explain", "Explain a key, the keys of a section, or all keys")
    {
        Add(_key);
        SetAction((command, _) => ExplainAsync(command));
    }

    private async Task<int> ExplainAsync(ParseResult command)
    {
        var name = command.GetValue(_key)!;
        var reference = new ConfigurationReference();
        var keys = name.Length == 0 ? reference.Keys : reference.Find(name);
        if (keys.Count == 0)
        {
            await command.InvocationConfiguration.Error.WriteLineAsync(
                $"config explain: there is no key '{name}'; sections are {string.Join(", ", SectionsOf(reference))}");
            return ExitCode.Usage;
        }

        var output = command.InvocationConfiguration.Output;
        foreach (var key in keys)
        {
            await output.WriteLineAsync($"{MiddleboxOptions.Section}:{key.Path}");
            if (key.Description.Length > 0)
                await output.WriteLineAsync($"  {key.Description}");
            await output.WriteLineAsync(
                $"  {(key.Default is null ? "No default" : $"Default {key.Default}")}."
                + $" Environment: {MiddleboxOptions.Section}__{key.Path.Replace(":", "__", StringComparison.Ordinal)}."
                + (key.IsChangeable ? " May change while the box serves." : " A change needs a restart."));
        }

        return ExitCode.Success;
    }

    private static IEnumerable<string> SectionsOf(ConfigurationReference reference) =>
        reference.Keys.Select(key => key.Path.Split(':')[0]).Distinct();
}
