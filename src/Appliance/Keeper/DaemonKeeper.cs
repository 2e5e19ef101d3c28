using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Middlebox.Appliance.Commands;
using Middlebox.Native.Namespaces;

namespace Middlebox.Appliance.Keeper;

/// <summary>
/// Starts the daemon, holds duplicates of its sockets, and starts it again when it dies: the kernel goes on acknowledging and buffering meanwhile,
/// and the next daemon goes on where the last one was. When it ends and no daemon has ended in order, it has the host put back as it was. Deliberately small and
/// without a configuration: it is not to die itself.
/// </summary>
/// <remarks>One thread; signals call in between, and only what may be called by any thread.</remarks>
/// <param name="command">The daemon's program and arguments.</param>
/// <param name="restoration">The program and arguments that put the host back as it was.</param>
/// <param name="startPatience">
/// How long a start may go without getting on, until the daemon serves; then it is killed and another one started. Doubled after each in a row, up to eight
/// times, for a machine that cannot do better. There is no limit to their number: what holds a start up may pass, and meanwhile nothing is in the way. One that
/// takes longer because what is relayed wants the processors too is not killed, or it would never end.
/// </param>
/// <param name="log">Where it tells what has happened.</param>
/// <param name="time">The clock.</param>
internal sealed class DaemonKeeper(
    IReadOnlyList<string> command, IReadOnlyList<string> restoration, TimeSpan startPatience, TextWriter log, TimeProvider time)
{
    /// <summary>How long the host's restoration may take; then it is killed, and what is left is told.</summary>
    public static readonly TimeSpan RestorationPatience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long connections are held while no daemon serves. Longer, and their peers would be better off with a reset. A start that is under way by then is
    /// waited for, because the starting daemon holds them too.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // A daemon that dies so soon may die of what it has taken over, and by itself; SIGKILL comes from outside.
    private static readonly TimeSpan Infancy = TimeSpan.FromSeconds(10);
    private const int MaximumInfantDeaths = 3;
    private const int Signalled = 128;
    private const int Killed = Signalled + (int)ProcessSignal.Kill;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private const int MostDoublings = 3;

    private readonly KeptDescriptors _held = new();
    private volatile KeptDaemon? _daemon;
    private uint _predecessors;
    private bool _mayHaveLeft;

    /// <summary>Passes a signal on.</summary>
    public void Signal(ProcessSignal signal) => _daemon?.Signal(signal);

    /// <summary>Serves until the daemon ends in order, or is told to by <paramref name="stop"/>.</summary>
    /// <returns>The last daemon's exit code; 0 as well if it was told to end, no daemon has ended in order, and the host is as it was all the same.</returns>
    public int Run(CancellationToken stop)
    {
        using var stopping = stop.Register(() => Signal(ProcessSignal.Terminate));
        var failures = 0;
        var slowStarts = 0;
        var infantDeaths = 0;
        var orphanedSince = 0L;
        while (true)
        {
            using var daemon = new KeptDaemon(command, _held);
            _daemon = daemon;
            if (stop.IsCancellationRequested)
                daemon.Signal(ProcessSignal.Terminate);
            var patience = startPatience * (1 << Math.Min(slowStarts, MostDoublings));
            var exitCode = daemon.Attend(_predecessors, patience, Tell, time);
            _daemon = null;
            // One that has not come to serve and ends by itself has taken back what it had changed, and leaves what others have.
            _mayHaveLeft = exitCode != ExitCode.Success && (_mayHaveLeft || daemon is { ServingSince: not null } or { StoodStill: true } || exitCode > Signalled);
            // One that has stood still before it served says nothing of the next one; what another cause ends so early is for people to mend.
            if (stop.IsCancellationRequested || exitCode == ExitCode.Success
                || (daemon is { ServingSince: null, StoodStill: false } && _predecessors == 0))
            {
                return End(exitCode, stop.IsCancellationRequested);
            }

            Tell($"the daemon, process {daemon.ProcessId}, {Describe(daemon, exitCode, patience, slowStarts + 1)}; starting another");
            var pause = TimeSpan.Zero;
            if (daemon.ServingSince is { } since)
            {
                orphanedSince = time.GetTimestamp();
                failures = slowStarts = 0;
                _predecessors++;
                infantDeaths = (exitCode != Killed || daemon.StoodStill) && time.GetElapsedTime(since) < Infancy ? infantDeaths + 1 : 0;
            }
            else if (daemon.StoodStill)
            {
                slowStarts++;
                infantDeaths++;
                if (_predecessors == 0)
                    _held.Clear();
            }
            else
            {
                pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, failures++)));
            }

            if (infantDeaths >= MaximumInfantDeaths)
                Forget($"the daemon has died {infantDeaths} times in a row soon after it took them over");
            Pause(pause, orphanedSince, stop);
            if (stop.IsCancellationRequested)
                return End(exitCode, isTold: true);
        }
    }

    /// <summary>Lets the connections go, and takes back what the daemons have left.</summary>
    private int End(int exitCode, bool isTold)
    {
        _held.Clear();
        if (!_mayHaveLeft)
            return exitCode;
        Tell("no daemon has ended in order; what is left on this host is taken back");
        if (!TryRestore())
        {
            Tell($"not all of it could be taken back, and may still be there; try again with '{string.Join(' ', restoration)}'");
            return exitCode;
        }

        return isTold ? ExitCode.Success : exitCode;
    }

    private bool TryRestore()
    {
        try
        {
            using var process = Process.Start(restoration[0], restoration.Skip(1));
            if (process.WaitForExit(RestorationPatience))
                return process.ExitCode == ExitCode.Success;
            process.Kill();
        }
        catch (Win32Exception failure)
        {
            Tell($"'{restoration[0]}' cannot be started: {failure.Message}");
        }

        return false;
    }

    /// <summary>Waits before the next start, and forgets the connections when they have waited for long enough.</summary>
    private void Pause(TimeSpan pause, long orphanedSince, CancellationToken stop)
    {
        var left = Patience - time.GetElapsedTime(orphanedSince);
        if (_predecessors > 0 && left <= pause)
        {
            if (left > TimeSpan.Zero)
            {
                stop.WaitHandle.WaitOne(left);
                pause -= left;
            }

            Forget("no daemon has taken them over");
        }

        stop.WaitHandle.WaitOne(pause);
    }

    private static string Describe(KeptDaemon daemon, int exitCode, TimeSpan patience, int slowStarts) => daemon switch
    {
        { IsRetiring: true } => "has retired",
        { StoodStill: true, ServingSince: null } => string.Create(
            CultureInfo.InvariantCulture, $"has not got on with its start for {patience.TotalSeconds:0.#} s and was killed, {slowStarts} in a row"),
        { StoodStill: true } => "has stood still for too long and was killed",
        _ when exitCode > Signalled => string.Create(CultureInfo.InvariantCulture, $"was ended by signal {exitCode - Signalled}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"ended with code {exitCode}"),
    };

    private void Forget(string why)
    {
        if (_predecessors > 0)
            Tell($"connections are reset, because {why}");
        // The next daemon finds a host that was left in disorder, and nothing else.
        _predecessors = 0;
        _held.Clear();
    }

    private void Tell(string what) =>
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-dd HH:mm:ss.fff} warn: Middlebox.Keeper {what}"));
}
