using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Service;
using Middlebox.Native.Namespaces;

namespace Middlebox.Appliance;

/// <summary>
/// Reads the configuration again on SIGHUP and when its file changes, and hands it on if it is faultless; otherwise the old one stays,
/// and every fault is logged. One reading at a time, and however often it is asked for meanwhile, one more after it: each that waits takes a thread.
/// </summary>
internal sealed class ConfigurationReloader : IDisposable
{
    // Editors write a file in several steps; it is read when it has been left alone for a moment.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    private readonly string _path;
    private readonly Action<MiddleboxOptions> _apply;
    private readonly ServiceManager _service;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly FileSystemWatcher _watcher;
    private readonly PosixSignalRegistration _hangUp;
    private readonly ITimer _settled;
    private MiddleboxOptions _current;
    private bool _disposed;
    private int _isWaiting;
    private long _applied;
    private long _refused;

    /// <param name="path">The file.</param>
    /// <param name="current">What was read from it.</param>
    /// <param name="apply">Puts another configuration in force; an exception means that it is not, and the old one stays.</param>
    /// <param name="service">Who is told while it is read.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to tell.</param>
    public ConfigurationReloader(
        string path, MiddleboxOptions current, Action<MiddleboxOptions> apply, ServiceManager service, TimeProvider time, ILogger logger)
    {
        _service = service;
        _path = path;
        _current = current;
        _apply = apply;
        _logger = logger;
        _settled = time.CreateTimer(_ => Ask(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        ProcessControl.StopIgnoring(ProcessSignal.HangUp);
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Ask();
        });
        _watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path));
        _watcher.Changed += OnChanged;
        _watcher.Created += OnChanged;
        _watcher.Renamed += OnChanged;
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Times that another configuration came into force.</summary>
    public long Applied => Volatile.Read(ref _applied);

    /// <summary>Times that one was refused.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public void Dispose()
    {
        _watcher.Dispose();
        _hangUp.Dispose();
        _settled.Dispose();
        lock (_lock)
            _disposed = true;
    }

    private void OnChanged(object sender, FileSystemEventArgs change) => _settled.Change(Settling, Timeout.InfiniteTimeSpan);

    /// <summary>Reads the file, after the reading that is under way; returns at once where another thread waits for that already. Any thread may call.</summary>
    internal void Ask()
    {
        if (Interlocked.Exchange(ref _isWaiting, 1) == 1)
            return;
        lock (_lock)
        {
            // Whoever asks from now on may have changed what this reading has seen already.
            Volatile.Write(ref _isWaiting, 0);
            if (_disposed)
                return;
            _service.Reloading();
            _service.Ready(TryReload() ? "Serving by the new configuration" : "Serving by the old configuration; the new one is refused, the log says why");
        }
    }

    private bool TryReload()
    {
        if (!ConfigurationReader.TryRead(_path, out var next, out var errors)
            || (errors = ConfigurationDifference.NeedingRestart(_current, next)).Count > 0)
        {
            Refuse(string.Join("; ", errors));
            return false;
        }

        try
        {
            _apply(next);
            _current = next;
            Volatile.Write(ref _applied, _applied + 1);
            DaemonLog.ConfigurationReloaded(_logger, _path, next.Mode);
            return true;
        }
        catch (Exception failure)
        {
            // Whatever it is: a box that serves goes on to serve, and nobody else would catch it on a timer's thread.
            Refuse(failure.Message);
            return false;
        }
    }

    private void Refuse(string why)
    {
        Volatile.Write(ref _refused, _refused + 1);
        DaemonLog.ConfigurationRefused(_logger, _path, why);
    }
}
