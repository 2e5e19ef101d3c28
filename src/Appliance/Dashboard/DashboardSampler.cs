using Microsoft.Extensions.Logging;
using Middlebox.ProxyEngine;

namespace Middlebox.Appliance.Dashboard;

/// <summary>Adds to the history once a second, on the thread pool.</summary>
internal sealed class DashboardSampler : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sampling;

    /// <param name="history">Where to add.</param>
    /// <param name="totals">Reads the box's counters.</param>
    /// <param name="read">Reads the connections.</param>
    /// <param name="attention">Whether to read them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to tell.</param>
    public DashboardSampler(
        DashboardHistory history,
        Func<BoxTotals> totals,
        Func<IEnumerable<FlowReading>> read,
        Attention attention,
        TimeProvider time,
        ILogger logger) => _sampling = SampleAsync(history, totals, read, attention, time, logger);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sampling;
        _stop.Dispose();
    }

    private async Task SampleAsync(
        DashboardHistory history,
        Func<BoxTotals> totals,
        Func<IEnumerable<FlowReading>> read,
        Attention attention,
        TimeProvider time,
        ILogger logger)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                history.Add(time.GetUtcNow(), totals(), attention.IsPaid ? read() : null);
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The box is shutting down.
        }
        catch (Exception failure)
        {
            DashboardLog.SamplingFailed(logger, failure);
        }
    }
}
