using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Logs;

/// <summary>The daemon's log: standard output, errors standard error, in the configured format, behind a <see cref="GuardedLogger"/> for each part of the box.</summary>
internal sealed class DaemonLoggers : ILoggerFactory
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ILoggerFactory _console;
    private readonly LogsOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, GuardedLogger> _loggers = new();
    private readonly ITimer _timer;

    public DaemonLoggers(LogsOptions options, TimeProvider time)
        : this(LoggerFactory.Create(builder => Configure(builder, options)), options, time)
    {
    }

    /// <param name="console">Where events go that pass.</param>
    /// <param name="options">What passes.</param>
    /// <param name="time">The clock.</param>
    public DaemonLoggers(ILoggerFactory console, LogsOptions options, TimeProvider time)
    {
        _console = console;
        _options = options;
        _time = time;
        _timer = time.CreateTimer(_ => TellLeftOut(), null, Second, Second);
    }

    public ILogger CreateLogger(string categoryName) =>
        _loggers.GetOrAdd(categoryName, name => new GuardedLogger(_console.CreateLogger(name), _options, _time));

    public void AddProvider(ILoggerProvider provider) => _console.AddProvider(provider);

    public void Dispose()
    {
        _timer.Dispose();
        TellLeftOut();
        _console.Dispose();
    }

    private void TellLeftOut()
    {
        foreach (var (_, logger) in _loggers)
            logger.TellLeftOut();
    }

    private static void Configure(ILoggingBuilder builder, LogsOptions options)
    {
        builder.SetMinimumLevel(options.Level switch
        {
            LeastLevel.Debug => LogLevel.Debug,
            LeastLevel.Warning => LogLevel.Warning,
            LeastLevel.Error => LogLevel.Error,
            _ => LogLevel.Information,
        });
        builder.AddFilter("Microsoft.Hosting", LogLevel.Warning);
        // It would tell, with a stack trace, why the start has failed: so do we, in a sentence.
        builder.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        switch (FormatOf(options))
        {
            case LogFormat.Systemd:
                builder.AddSystemdConsole();
                break;
            case LogFormat.Json:
                builder.AddJsonConsole(console =>
                {
                    console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                    console.UseUtcTimestamp = true;
                });
                break;
            default:
                builder.AddSimpleConsole(console =>
                {
                    console.SingleLine = true;
                    console.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff ";
                    console.UseUtcTimestamp = true;
                });
                break;
        }

        builder.Services.Configure<ConsoleLoggerOptions>(console =>
        {
            // Who reads the log slowly must not hold up packets.
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
            // Why there is no service is told where every verb tells its errors.
            console.LogToStandardErrorThreshold = LogLevel.Error;
        });
    }

    private static LogFormat FormatOf(LogsOptions options) => options.Format != LogFormat.Auto
        ? options.Format
        : Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 } ? LogFormat.Systemd : LogFormat.Text;
}
