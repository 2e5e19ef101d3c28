using System.Runtime.InteropServices;

namespace Middlebox.Appliance;

/// <summary>
/// Turns SIGTERM and SIGINT into a cancellation, on which a verb puts everything back as it was, however long that takes. The
/// second signal ends the process.
/// </summary>
/// <remarks>
/// The command line library would do the same but for a time limit, and but for a verb that has not come to its first wait:
/// that one it ends half-way.
/// </remarks>
internal sealed class TerminationSignals : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly PosixSignalRegistration[] _registrations;

    public TerminationSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
    ];

    public CancellationToken Token => _cancellation.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _cancellation.Dispose();
    }

    private void Handle(PosixSignalContext signal)
    {
        if (_cancellation.IsCancellationRequested)
            return;
        signal.Cancel = true;
        _cancellation.Cancel();
    }
}
