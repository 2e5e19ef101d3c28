using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Logs;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Service;
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
        if (!ConfigurationReader.TryRead(path, out var options, out var errors))
            return await ConfigurationOption.ReportAsync(command.InvocationConfiguration.Error, path, errors);

        using var loggers = new DaemonLoggers(options.Logs, TimeProvider.System);
        var logger = loggers.CreateLogger<RunCommand>();
        var findings = HostCheck.Run(options);
        foreach (var finding in findings.Where(finding => finding.Severity != Severity.Good))
            DaemonLog.Found(logger, finding.Severity == Severity.Missing ? LogLevel.Error : LogLevel.Warning, finding);
        if (findings.Any(finding => finding.Severity == Severity.Missing))
            return ExitCode.Failure;

        using var service = ServiceManager.FromEnvironment();
        using var host = Build(options, new ConfigurationFile(path), service, loggers);
        try
        {
            // A start is not broken off half-way: told to end meanwhile, the box serves for a moment, and then takes everything back.
            await host.StartAsync(CancellationToken.None);
            await host.WaitForShutdownAsync(cancellation);
            return ExitCode.Success;
        }
        catch (Exception failure) when (failure is HostSetupException or ErrnoException or IOException or System.Net.Sockets.SocketException)
        {
            DaemonLog.NotStarted(logger, failure.Message);
            return ExitCode.Failure;
        }
    }

    private static IHost Build(MiddleboxOptions options, ConfigurationFile file, ServiceManager service, ILoggerFactory loggers)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(Microsoft.Extensions.Options.Options.Create(options));
        builder.Services.AddSingleton(file);
        builder.Services.AddSingleton(service);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(loggers);
        builder.Services.AddHostedService<MiddleboxDaemon>();
        // The end takes as long as the connections may that are left (StopPatience).
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        return builder.Build();
    }
}
