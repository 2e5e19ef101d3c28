using Middlebox.Appliance.Service;

namespace Middlebox.Appliance.Keeper;

/// <summary>Tells the keeper once a second that all threads of the daemon go round, and when it ends how long that may take.</summary>
internal sealed class KeeperSigns : IAsyncDisposable
{
    /// <summary>A daemon that says nothing for so long is replaced by its keeper. One that is starved for a while is none that stands still.</summary>
    public static readonly TimeSpan LongestStandstill = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long its end may take, when no connection is waited for any more: far more than the rest needs, and less than the service manager grants, with what
    /// the keeper may need after it (<see cref="DaemonKeeper.RestorationPatience"/>).
    /// </summary>
    public static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Action<TimeSpan> _live;
    private readonly ITimer _timer;

    /// <param name="live">Told for how long the daemon may be silent from then on, until it is told again.</param>
    /// <param name="silence">How long ago the slowest thread went round.</param>
    /// <param name="time">The clock.</param>
    public KeeperSigns(Action<TimeSpan> live, Func<TimeSpan> silence, TimeProvider time)
    {
        _live = live;
        _timer = time.CreateTimer(
            _ =>
            {
                if (silence() < LifeSigns.LongestSilence)
                    live(LongestStandstill);
            },
            null, TimeSpan.Zero, Interval);
    }

    /// <summary>Begins the end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        _live(LongestEnd);
    }
}
