using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;

namespace Middlebox.Appliance.Commands.Config;

/// <summary><c>middlebox config check</c>: all faults of a file at once, without a look at the host.</summary>
internal sealed class ConfigCheckCommand : Command
{
    private readonly Option<FileInfo> _config = ConfigurationOption.Create();
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    public ConfigCheckCommand()
        : base("check", "Check a configuration, on any machine; the verb check also looks at this host")
    {
        Add(_config);
        Add(_json);
        SetAction((command, _) => CheckAsync(command));
    }

    private async Task<int> CheckAsync(ParseResult command)
    {
        var path = command.GetRequiredValue(_config).FullName;
        var isGood = ConfigurationReader.TryRead(path, out _, out var errors);
        var output = command.InvocationConfiguration.Output;
        if (command.GetValue(_json))
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(errors, ReportJson.Options));
            return isGood ? ExitCode.Success : ExitCode.Usage;
        }

        if (!isGood)
            return await ConfigurationOption.ReportAsync(command.InvocationConfiguration.Error, path, errors);
        await output.WriteLineAsync($"{path} is faultless.");
        return ExitCode.Success;
    }
}
