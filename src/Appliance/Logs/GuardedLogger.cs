using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Logs;

/// <summary>
/// Stands before a logger: lets so many events of a kind pass in a second, because hosts on the wire can cause some of them as often as they like, and
/// takes the addresses out of what passes, if that is wanted. Any thread may log.
/// </summary>
internal sealed class GuardedLogger(ILogger inner, LogsOptions options, TimeProvider time) : ILogger
{
    // Event numbers are a closed list, so this stays small.
    private readonly ConcurrentDictionary<int, EventAllowance> _allowances = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel) || !_allowances.GetOrAdd(eventId.Id, _ => new EventAllowance(options.MaxPerSecond, time)).TryTake())
            return;
        if (options.Privacy && logLevel >= LogLevel.Information)
            LogWithoutAddresses(logLevel, eventId, state, exception, formatter(state, exception));
        else
            inner.Log(logLevel, eventId, state, exception, formatter);
    }

    /// <summary>Tells how many events were left out since the last call.</summary>
    public void TellLeftOut()
    {
        foreach (var (number, allowance) in _allowances)
        {
            if (allowance.TakeLeftOut() is > 0 and var count)
                LogsLog.LeftOut(inner, count, number);
        }
    }

    private void LogWithoutAddresses<TState>(LogLevel level, EventId eventId, TState state, Exception? exception, string text)
    {
        // The exception's own text goes into the event's, since nothing can be taken out of an exception.
        var told = AddressRedaction.Of(exception is null ? text : $"{text} {exception}");
        List<KeyValuePair<string, object?>> values = [];
        if (state is IEnumerable<KeyValuePair<string, object?>> original)
            values.AddRange(original.Select(value => KeyValuePair.Create(value.Key, value.Value is { } part ? (object)AddressRedaction.Of($"{part}") : null)));
        inner.Log(level, eventId, values, null, (_, _) => told);
    }
}
