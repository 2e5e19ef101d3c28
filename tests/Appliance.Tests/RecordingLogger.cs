using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Tests;

/// <summary>Keeps messages in their order, and lets a test wait for the next one.</summary>
internal sealed class RecordingLogger : ILogger
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly BlockingCollection<(int Id, string Text)> _messages = [];

    /// <summary>Messages that nobody has asked for yet.</summary>
    public int Count => _messages.Count;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _messages.Add((eventId.Id, formatter(state, exception)));

    /// <summary>The message after the one before; waits for it.</summary>
    public (int Id, string Text) Next() => _messages.TryTake(out var message, Patience)
        ? message
        : throw new TimeoutException("Nothing was logged.");
}
