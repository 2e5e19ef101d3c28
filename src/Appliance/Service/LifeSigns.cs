using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Service;

/// <summary>
/// Tells the service manager again and again that the box goes round, as long as all its threads do: a box of which one stands still is to be started anew.
/// </summary>
internal sealed class LifeSigns : IAsyncDisposable
{
    /// <summary>Threads go round once a second at least; one that is starved for a while is none that stands still.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan WithoutWatchdog = TimeSpan.FromSeconds(10);

    private readonly ServiceManager _manager;
    private readonly Func<TimeSpan> _silence;
    private readonly Func<string> _status;
    private readonly ILogger _logger;
    private readonly PeriodicTimer _timer;
    private readonly Task _task;
    private bool _standsStill;

    /// <param name="manager">Who is told.</param>
    /// <param name="silence">How long ago the slowest thread went round.</param>
    /// <param name="status">How the box is, in a line.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where it is told as well.</param>
    public LifeSigns(ServiceManager manager, Func<TimeSpan> silence, Func<string> status, TimeProvider time, ILogger logger)
    {
        _manager = manager;
        _silence = silence;
        _status = status;
        _logger = logger;
        // Twice as often as it must be (sd_watchdog_enabled(3)), and once more.
        _timer = new PeriodicTimer(manager.WatchdogTimeout / 3 ?? WithoutWatchdog, time);
        _task = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _task;
    }

    private async Task RunAsync()
    {
        // At once as well: this may be the successor of one that has been silent for a while.
        do
        {
            var silence = _silence();
            if (silence < LongestSilence)
                _manager.Live(_status());
            else if (!_standsStill)
                ServiceLog.StandsStill(_logger, silence);
            _standsStill = silence >= LongestSilence;
        }
        while (await _timer.WaitForNextTickAsync());
    }
}
