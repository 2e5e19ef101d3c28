using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Logs;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Tests.Logs;

/// <summary>All log messages of the box, whoever adds one.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class EveryLogMessageTests
{
    private static readonly LogsOptions Private = new() { Privacy = true, Level = LeastLevel.Debug };

    private static IEnumerable<LogMessage> Messages => LogMessage.All;

    [Test]
    public void AllAreFound() => Assert.That(Messages.Count(), Is.GreaterThan(30));

    [Test]
    public void Numbers_AreNotUsedTwice() => Assert.That(Messages.Select(message => message.Number), Is.Unique);

    [TestCaseSource(nameof(Messages))]
    public void Message_WithPrivacy_HasNoAddress(object message)
    {
        var sink = new RecordingSink();
        ((LogMessage)message).LogTo(new GuardedLogger(sink, Private, TimeProvider.System), LogLevel.Error);
        var (level, told) = sink.Events.Single();
        if (level >= LogLevel.Information)
            Assert.That(told, Does.Not.Contain("198.18").And.Not.Contain("2001:db8").And.Not.Contain("C6120102"));
        else
            Assert.That(((LogMessage)message).Number, Is.InRange(3003, 3008).Or.EqualTo(3013), "what is told of each connection is for those who look for faults");
    }

    // Or the test above proves nothing.
    [Test]
    public void SomeMessages_WithoutPrivacy_HaveAddresses()
    {
        var sink = new RecordingSink();
        foreach (var message in Messages)
            message.LogTo(new GuardedLogger(sink, new LogsOptions(), TimeProvider.System), LogLevel.Error);
        Assert.That(sink.Events.Count(told => told.Text.Contains("198.18", StringComparison.Ordinal)), Is.GreaterThan(10));
        Assert.That(sink.Events.Count(told => told.Text.Contains("C6120102", StringComparison.Ordinal)), Is.GreaterThan(1));
    }

    /// <summary>What a provider gets: the text, each value, and the exception.</summary>
    private sealed class RecordingSink : ILogger
    {
        public List<(LogLevel Level, string Text)> Events { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state as IEnumerable<KeyValuePair<string, object?>> ?? [];
            Events.Add((logLevel, $"{formatter(state, exception)} {string.Join(' ', values.Select(value => $"{value.Key}={value.Value}"))} {exception}"));
        }
    }
}
