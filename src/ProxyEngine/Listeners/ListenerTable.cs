using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Middlebox.Native;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.ProxyEngine.Survival;

namespace Middlebox.ProxyEngine.Listeners;

/// <summary>
/// The open listeners, one for each destination port and family in use: opened when a connection to that port is first
/// acted on, closed when none has used it for a while. Called by packet threads and relay threads under one lock, which
/// no forwarded packet ever meets.
/// </summary>
internal sealed class ListenerTable(
    ProxyEngineOptions options,
    LegSettings settings,
    Action<TransparentListener> opened,
    FlowSurvival survival,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ListenerKey, TransparentListener> _listeners = [];
    private readonly ConcurrentDictionary<ListenerKey, Errno> _reported = new();
    private readonly HashSet<int> _reservedPorts = [.. options.ReservedPorts];

    public int Count
    {
        get
        {
            lock (_lock)
                return _listeners.Count;
        }
    }

    /// <summary>Opens the listener for a server's port unless it is open, and keeps it open until <see cref="Release"/>.</summary>
    public bool TryUse(in HostEndpoint server, out Reason refusal)
    {
        var key = ListenerKey.For(in server);
        refusal = Reason.PortReserved;
        if (_reservedPorts.Contains(key.Port.Value))
            return false;

        refusal = Reason.ListenerUnavailable;
        lock (_lock)
        {
            if (!_listeners.TryGetValue(key, out var listener) && !TryOpen(key, out listener))
                return false;
            listener.Users++;
        }

        refusal = Reason.None;
        return true;
    }

    public void Release(in HostEndpoint server)
    {
        lock (_lock)
        {
            if (_listeners.TryGetValue(ListenerKey.For(in server), out var listener) && --listener.Users == 0)
                listener.UnusedSince = time.GetTimestamp();
        }
    }

    /// <summary>The listener of a key, if it is still open.</summary>
    public TransparentListener? Find(ListenerKey key)
    {
        lock (_lock)
            return _listeners.GetValueOrDefault(key);
    }

    /// <summary>Closes the listeners that nothing has used for the configured time.</summary>
    public void CloseIdle()
    {
        lock (_lock)
        {
            foreach (var listener in _listeners.Values.Where(IsIdle).ToList())
            {
                _listeners.Remove(listener.Key);
                survival.Release(listener);
                listener.Dispose();
            }
        }
    }

    /// <summary>Takes the listeners of the daemon before.</summary>
    public void Restore()
    {
        lock (_lock)
        {
            foreach (var (key, socket) in survival.Listeners)
            {
                var listener = TransparentListener.Inherit(key, socket);
                listener.UnusedSince = time.GetTimestamp();
                opened(listener);
                _listeners.Add(key, listener);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var listener in _listeners.Values)
            {
                survival.Release(listener);
                listener.Dispose();
            }

            _listeners.Clear();
        }
    }

    private bool IsIdle(TransparentListener listener) =>
        listener.Users == 0 && time.GetElapsedTime(listener.UnusedSince) >= options.ListenerIdleTimeout;

    private bool TryOpen(ListenerKey key, [NotNullWhen(true)] out TransparentListener? listener)
    {
        var error = Open(key, out listener);
        if (listener is null)
        {
            // Once for each port and error: anybody's SYNs can make this happen.
            if (!_reported.TryGetValue(key, out var reported) || reported != error)
            {
                _reported[key] = error;
                ProxyEngineLog.ListenerUnavailable(logger, key, error);
            }

            return false;
        }

        _listeners.Add(key, listener);
        return true;
    }

    private Errno Open(ListenerKey key, out TransparentListener? listener)
    {
        listener = null;
        if (_listeners.Count >= options.MaxListeners)
            return Errno.ENOBUFS;
        var error = TransparentListener.Open(key, settings, options.ListenBacklog, out listener);
        if (listener is null)
            return error;
        try
        {
            opened(listener);
            survival.Hold(listener);
            return Errno.None;
        }
        catch (ErrnoException failure)
        {
            // A listener that no relay thread accepts from would leave clients waiting.
            listener.Dispose();
            listener = null;
            return failure.Errno;
        }
    }
}
