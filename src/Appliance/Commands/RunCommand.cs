using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;
using Middlebox.Native;

namespace Middlebox.Appliance.Commands;

/// <summary><c>middlebox run</c>: checks the host, then serves until SIGTERM or SIGINT.</summary>
internal sealed class RunCommand : Command
{
    private readonly Option<FileInfo> _config = ConfigurationOption.Create();

    public RunCommand()
        : base("run", "Serve with this configuration until SIGTERM; everything changed on the host is restored at the end")
    {
        Add(_config);
        SetAction((command, cancellation) => RunAsync(command, command.GetRequiredValue(_config).FullName, cancellation));
    }

    private static async Task<int> RunAsync(ParseResult command, string path, CancellationToken cancellation)
    {
        var error = command.InvocationConfiguration.Error;
        if (!ConfigurationReader.TryRead(path, out var options, out var errors))
            return await ConfigurationOption.ReportAsync(error, path, errors);

        var findings = HostCheck.Run(options);
        foreach (var finding in findings.Where(finding => finding.Severity != Severity.Good))
            await error.WriteLineAsync(finding.ToString());
        if (findings.Any(finding => finding.Severity == Severity.Missing))
            return ExitCode.Failure;

        using var host = Build(options, new ConfigurationFile(path));
        try
        {
            // A start is not broken off half-way: told to end meanwhile, the box serves for a moment, and then takes everything back.
            await host.StartAsync(CancellationToken.None);
            await host.WaitForShutdownAsync(cancellation);
            return ExitCode.Success;
        }
        catch (Exception failure) when (failure is HostSetupException or ErrnoException or IOException or System.Net.Sockets.SocketException)
        {
            await error.WriteLineAsync($"Not started: {failure.Message}");
            return ExitCode.Failure;
        }
    }

    private static IHost Build(MiddleboxOptions options, ConfigurationFile file)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        });
        builder.Logging.AddFilter("Microsoft.Hosting", LogLevel.Warning);
        // It would tell, with a stack trace, why the start has failed: so do we, in a sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Services.AddSingleton(Microsoft.Extensions.Options.Options.Create(options));
        builder.Services.AddSingleton(file);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHostedService<MiddleboxDaemon>();
        return builder.Build();
    }
}
