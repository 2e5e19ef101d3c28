using System.Text.Json;
using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Logs;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Tests.Logs;

/// <summary>Every event of the box on standard output, in each format.</summary>
[TestFixture]
[NonParallelizable]
public sealed class LogFormatTests
{
    [TestCase(LogFormat.Text, @"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (dbug|info|warn|fail|crit): test\[\d+\] ")]
    [TestCase(LogFormat.Systemd, @"^<[2-7]>test\[\d+\] ")]
    [TestCase(LogFormat.Json, @"^\{""Timestamp"":""\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"",""EventId"":\d+,""LogLevel"":""")]
    public void Event_IsOneLine_WithItsLevelAndNumber(LogFormat format, string line)
    {
        var lines = Written(format);
        Assert.That(lines, Has.Length.EqualTo(LogMessage.All.Count()));
        Assert.That(lines, Has.All.Match(line));
    }

    [Test]
    public void Json_HasTheTextAndItsValues()
    {
        var told = Written(LogFormat.Json).Select(line => JsonElement.Parse(line)).Single(line => line.GetProperty("EventId").GetInt32() == 4600);
        Assert.That(told.GetProperty("Message").GetString(), Does.StartWith("0 more events [0]"));
        Assert.That(told.GetProperty("State").GetProperty("Count").ToString(), Is.EqualTo("0"));
    }

    [TestCase("8:12345", @"^<\d>")]
    [TestCase(null, @"^\d{4}-")]
    public void Auto_IsTheJournals_WhereItReads(string? stream, string line)
    {
        Environment.SetEnvironmentVariable("JOURNAL_STREAM", stream);
        try
        {
            Assert.That(Written(LogFormat.Auto), Has.All.Match(line));
        }
        finally
        {
            Environment.SetEnvironmentVariable("JOURNAL_STREAM", null);
        }
    }

    /// <summary>The lines that all messages make, with addresses taken out.</summary>
    private static string[] Written(LogFormat format)
    {
        var (console, errors) = (Console.Out, Console.Error);
        using var output = new StringWriter();
        Console.SetOut(output);
        Console.SetError(output);
        try
        {
            var options = new LogsOptions { Format = format, Level = LeastLevel.Debug, Privacy = true, MaxPerSecond = 1000 };
            using var loggers = new DaemonLoggers(options, TimeProvider.System);
            foreach (var message in LogMessage.All)
                message.LogTo(loggers.CreateLogger("test"), LogLevel.Warning);
        }
        finally
        {
            Console.SetOut(console);
            Console.SetError(errors);
        }

        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
