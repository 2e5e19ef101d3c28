using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Service;

/// <summary>
/// The time between the order to end and the end: new connections pass, and those that are relayed may finish, for as long as the configuration allows.
/// Another SIGTERM or SIGINT ends the wait.
/// </summary>
/// <param name="letPass">Lets new connections pass from now on.</param>
/// <param name="countLeft">How many connections are left, half-open ones included.</param>
/// <param name="manager">Who is asked for the time.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it is told.</param>
internal sealed class Drain(Action letPass, Func<int> countLeft, ServiceManager manager, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>What the end itself may take, and what is told often enough not to be missed.</summary>
    private static readonly TimeSpan Extension = TimeSpan.FromSeconds(30);

    private volatile bool _hasBegun;
    private volatile bool _isCutShort;

    /// <summary>Whether the box is on its way to its end, and takes no other configuration.</summary>
    public bool HasBegun => _hasBegun;

    /// <summary>How long it may take at most.</summary>
    public TimeSpan Patience { get; set; }

    /// <summary>Waits until no connection is left, or has waited long enough.</summary>
    public async Task RunAsync()
    {
        _hasBegun = true;
        manager.Stopping("Stopping", Extension);
        if (Patience == TimeSpan.Zero)
            return;
        letPass();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, CutShort);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, CutShort);
        var begun = time.GetTimestamp();
        var left = countLeft();
        if (left > 0)
            ServiceLog.Draining(logger, left, Patience);
        while (left > 0 && time.GetElapsedTime(begun) < Patience && !_isCutShort)
        {
            manager.Stopping($"Stopping: {left} connections may finish", Extension);
            await Task.Delay(Interval, time);
            left = countLeft();
        }

        if (left > 0)
            ServiceLog.NotDrained(logger, left);
    }

    private void CutShort(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _isCutShort = true;
    }
}
