using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Middlebox.Appliance.Service;

/// <summary>
/// Tells the service manager how the box is, as sd_notify(3) describes it: assignments in a datagram to the socket that <c>NOTIFY_SOCKET</c> names. Without
/// one nothing is told. Any thread may tell.
/// </summary>
internal sealed class ServiceManager : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _address;

    /// <param name="notifySocket">Path of the socket, or @ and an abstract name; null or empty if nobody listens.</param>
    /// <param name="watchdogMicroseconds">After how long without a word the manager takes the box for dead; null or empty if it does not.</param>
    public ServiceManager(string? notifySocket, string? watchdogMicroseconds)
    {
        if (string.IsNullOrEmpty(notifySocket))
            return;
        // Not blocking: a manager that does not read must not hold up what it watches.
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        _address = new UnixDomainSocketEndPoint(notifySocket[0] == '@' ? '\0' + notifySocket[1..] : notifySocket);
        if (long.TryParse(watchdogMicroseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0)
            WatchdogTimeout = TimeSpan.FromMicroseconds(microseconds);
    }

    /// <summary>Whether anybody listens.</summary>
    public bool IsThere => _socket is not null;

    /// <summary>After how long without <see cref="Live"/> the manager ends the box and starts it again; null if it does not.</summary>
    public TimeSpan? WatchdogTimeout { get; }

    /// <summary>
    /// The manager that has started this process, if one has. <c>WATCHDOG_PID</c> is not looked at: the unit lets every process of the service
    /// speak for it (NotifyAccess=all), so that the daemon may be the child of another.
    /// </summary>
    public static ServiceManager FromEnvironment() =>
        new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"));

    /// <summary>The box serves: for the first time, or by another configuration.</summary>
    public void Ready(string status) => Tell($"READY=1\nSTATUS={status}");

    /// <summary>The configuration is read again; <see cref="Ready"/> must follow.</summary>
    public void Reloading() =>
        // The runtime's stopwatch reads CLOCK_MONOTONIC, which is what systemd compares it with (sd_notify(3)).
        Tell($"RELOADING=1\nMONOTONIC_USEC={(long)Stopwatch.GetElapsedTime(0).TotalMicroseconds}");

    /// <summary>The box goes round, and how it is.</summary>
    public void Live(string status) => Tell(WatchdogTimeout is null ? $"STATUS={status}" : $"WATCHDOG=1\nSTATUS={status}");

    /// <summary>The box ends, and asks for so much time from now on.</summary>
    public void Stopping(string status, TimeSpan extension) =>
        Tell($"STOPPING=1\nEXTEND_TIMEOUT_USEC={(long)extension.TotalMicroseconds}\nWATCHDOG=1\nSTATUS={status}");

    public void Dispose() => _socket?.Dispose();

    private void Tell(string assignments)
    {
        if (_socket is null)
            return;
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(assignments), _address!);
        }
        catch (SocketException)
        {
            // The manager has gone, or does not read. The box serves all the same; what there is to be told is told again.
        }
    }
}
