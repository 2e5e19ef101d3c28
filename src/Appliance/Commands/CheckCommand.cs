using System.CommandLine;
using System.Text.Json;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;

namespace Middlebox.Appliance.Commands;

/// <summary><c>middlebox check</c>: says what this host lacks, and how to mend it, without changing anything.</summary>
internal sealed class CheckCommand : Command
{
    private readonly Option<FileInfo> _config = ConfigurationOption.Create();
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON" };

    public CheckCommand()
        : base("check", "Check the configuration and this host, without changing anything")
    {
        Add(_config);
        Add(_json);
        SetAction((command, _) => CheckAsync(command));
    }

    private async Task<int> CheckAsync(ParseResult command)
    {
        var path = command.GetRequiredValue(_config).FullName;
        if (!ConfigurationReader.TryRead(path, out var options, out var errors))
            return await ConfigurationOption.ReportAsync(command.InvocationConfiguration.Error, path, errors);

        var findings = HostCheck.Run(options);
        var output = command.InvocationConfiguration.Output;
        if (command.GetValue(_json))
            await output.WriteLineAsync(JsonSerializer.Serialize(findings, ReportJson.Options));
        else
            await WriteAsync(output, findings);
        return findings.Any(finding => finding.Severity == Severity.Missing) ? ExitCode.Failure : ExitCode.Success;
    }

    private static async Task WriteAsync(TextWriter output, IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings)
            await output.WriteLineAsync(finding.ToString());
        await output.WriteLineAsync(findings.Any(finding => finding.Severity == Severity.Missing)
            ? "This host cannot run the box yet."
            : "This host can run the box.");
    }
}
