using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Commands.Config;

/// <summary><c>middlebox config show</c>: the configuration as a box would go by it, with the environment and all defaults, as JSON.</summary>
internal sealed class ConfigShowCommand : Command
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        IgnoreReadOnlyProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly Option<FileInfo> _config = ConfigurationOption.Create();

    public ConfigShowCommand()
        : base("show", "Print the configuration as a box would go by it, every key, in the form of a file")
    {
        Add(_config);
        SetAction((command, _) => ShowAsync(command));
    }

    /// <summary>A configuration as a file that reads as the same.</summary>
    public static string Write(MiddleboxOptions options) =>
        JsonSerializer.Serialize(new Dictionary<string, MiddleboxOptions> { [MiddleboxOptions.Section] = options }, Json);

    private async Task<int> ShowAsync(ParseResult command)
    {
        var path = command.GetRequiredValue(_config).FullName;
        if (!ConfigurationReader.TryRead(path, out var options, out var errors))
            return await ConfigurationOption.ReportAsync(command.InvocationConfiguration.Error, path, errors);
        await command.InvocationConfiguration.Output.WriteLineAsync(Write(options));
        return ExitCode.Success;
    }
}
