using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>Base of tests of a box that runs under a keeper.</summary>
public abstract class KeptBoxFixture(string topology) : ServingLabFixture(topology)
{
    private const string Serving = "Serving as";

    private int _lives;

    protected override LabOptions Options => new() { KeepBoxes = true };

    /// <summary>Has <see cref="NextDaemonAsync"/> wait for another daemon than the one that serves now.</summary>
    protected void ExpectAnother() => _lives = Lives;

    /// <summary>Ends the daemon as a crash would, and returns when it is gone.</summary>
    /// <param name="signal">By what: SIGKILL comes from outside, others are taken for faults of the daemon's own.</param>
    protected async Task KillDaemonAsync(ProcessSignal signal = ProcessSignal.Kill)
    {
        ExpectAnother();
        var daemon = Box.DaemonProcessId!.Value;
        ProcessControl.Send(daemon, signal);
        await Condition.WaitAsync(() => !Directory.Exists($"/proc/{daemon}"), Patience, "the daemon is gone", Deadline);
    }

    /// <summary>Has the daemon stand still.</summary>
    protected Task StopDaemonAsync()
    {
        ExpectAnother();
        return ProcessState.StopAsync(Box.DaemonProcessId!.Value, Patience, Deadline);
    }

    /// <summary>
    /// Returns when another daemon serves than the one that was killed, stopped or given up last; a start takes long while the connections that go on want the
    /// processors too.
    /// </summary>
    protected Task NextDaemonAsync() =>
        Condition.WaitAsync(() => Lives > _lives, 3 * Patience, "another daemon serves", Deadline);

    private int Lives => Box.BoxLog.Split(Serving).Length - 1;
}
