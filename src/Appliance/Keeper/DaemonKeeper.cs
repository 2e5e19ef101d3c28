using System.Globalization;
using Middlebox.Appliance.Commands;
using Middlebox.Native.Namespaces;

namespace Middlebox.Appliance.Keeper;

/// <summary>
/// Starts the daemon, holds duplicates of its sockets, and starts it again when it dies: the kernel goes on acknowledging and buffering meanwhile,
/// and the next daemon goes on where the last one was. Deliberately small and without a configuration: it is not to die itself.
/// </summary>
/// <remarks>One thread; the timer and signals call in between, and only what may be called by any thread.</remarks>
/// <param name="command">The daemon's program and arguments.</param>
/// <param name="log">Where it tells what has happened.</param>
/// <param name="time">The clock.</param>
internal sealed class DaemonKeeper(IReadOnlyList<string> command, TextWriter log, TimeProvider time)
{
    /// <summary>How long connections are held while no daemon serves. Longer, and their peers would be better off with a reset.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // A daemon that dies so soon may die of what it has taken over, and by itself; SIGKILL comes from outside.
    private static readonly TimeSpan Infancy = TimeSpan.FromSeconds(10);
    private const int MaximumInfantDeaths = 3;
    private const int Killed = 128 + (int)ProcessSignal.Kill;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly KeptDescriptors _held = new();
    private volatile KeptDaemon? _daemon;
    private uint _predecessors;

    /// <summary>Passes a signal on.</summary>
    public void Signal(ProcessSignal signal) => _daemon?.Signal(signal);

    /// <summary>Serves until the daemon ends in order, or is told to by <paramref name="stop"/>.</summary>
    /// <returns>The last daemon's exit code.</returns>
    public int Run(CancellationToken stop)
    {
        using var forgetting = time.CreateTimer(_ => Forget("no daemon has taken them over"), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var stopping = stop.Register(() => Signal(ProcessSignal.Terminate));
        var failures = 0;
        var infantDeaths = 0;
        while (true)
        {
            using var daemon = new KeptDaemon(command, _held);
            _daemon = daemon;
            if (stop.IsCancellationRequested)
                daemon.Signal(ProcessSignal.Terminate);
            var exitCode = daemon.Attend(
                _predecessors, () => forgetting.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), Tell, time);
            _daemon = null;
            if (stop.IsCancellationRequested || exitCode == ExitCode.Success || (daemon.ServingSince is null && _predecessors == 0))
            {
                _held.Clear();
                return exitCode;
            }

            Tell($"the daemon, process {daemon.ProcessId}, {Describe(daemon, exitCode)}; starting another");
            if (daemon.ServingSince is { } since)
            {
                forgetting.Change(Patience, Timeout.InfiniteTimeSpan);
                failures = 0;
                _predecessors++;
                infantDeaths = (exitCode != Killed || daemon.StoodStill) && time.GetElapsedTime(since) < Infancy ? infantDeaths + 1 : 0;
                if (infantDeaths >= MaximumInfantDeaths)
                    Forget($"the daemon has died {infantDeaths} times in a row soon after it took them over");
                continue;
            }

            var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, failures++)));
            stop.WaitHandle.WaitOne(pause);
        }
    }

    private static string Describe(KeptDaemon daemon, int exitCode) => daemon switch
    {
        { IsRetiring: true } => "has retired",
        { StoodStill: true } => "has stood still for too long and was killed",
        _ when exitCode > 128 => string.Create(CultureInfo.InvariantCulture, $"was ended by signal {exitCode - 128}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"ended with code {exitCode}"),
    };

    private void Forget(string why)
    {
        // The next daemon finds a host that was left in disorder, and nothing else.
        _predecessors = 0;
        Tell($"connections are reset, because {why}");
        _held.Clear();
    }

    private void Tell(string what) =>
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-dd HH:mm:ss.fff} warn: Middlebox.Keeper {what}"));
}
