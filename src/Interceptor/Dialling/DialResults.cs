using System.Collections.Concurrent;
using Middlebox.Native;
using Middlebox.Negotiation;

namespace Middlebox.Interceptor.Dialling;

/// <summary>
/// How the dials of one packet thread came out: added by others, taken by that thread, which is woken for it. What comes after the thread
/// has ended is dropped: it has given up all of its dials by then.
/// </summary>
internal sealed class DialResults : IDialObserver, IDisposable
{
    private readonly ConcurrentQueue<(Handshake Handshake, DialOutcome Outcome)> _results = new();
    private readonly EventDescriptor _arrived = new();
    private readonly Lock _lock = new();
    private bool _isDisposed;

    /// <summary>Readable when there is something to take.</summary>
    public FileDescriptor Descriptor => _arrived.Descriptor;

    public void Dialled(Handshake handshake, DialOutcome outcome)
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _results.Enqueue((handshake, outcome));
            _arrived.Signal();
        }
    }

    /// <summary>To be called before the results are taken.</summary>
    public void Clear() => _arrived.Clear();

    public bool TryTake(out (Handshake Handshake, DialOutcome Outcome) result) => _results.TryDequeue(out result);

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _arrived.Dispose();
        }
    }
}
