using System.Globalization;
using Middlebox.Lab;
using Middlebox.Native;
using Middlebox.Native.Namespaces;

namespace Middlebox.Bench.Ways;

/// <summary>
/// HAProxy set up for the appliance's own job: transparent in both directions, source kept, splicing where it finds that worth while.
/// </summary>
internal sealed class HaproxyProcess(LabHost host, IReadOnlyList<int> ports, HaproxySockets sockets)
{
    private const int Backlog = 4096;
    private const string Listening = "0A";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private BackgroundProcess? _process;

    /// <summary>The process id.</summary>
    /// <exception cref="LabException">It does not run.</exception>
    public int ProcessId => _process is { HasExited: false } process
        ? process.Id
        : throw new LabException($"HAProxy on {host.Name} does not run: {_process?.ReadLog()}");

    /// <summary>Starts it and returns when it listens on every port.</summary>
    /// <exception cref="LabException">It does not come to listen; the message holds its log.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (_process is null)
            await DivertAsync(cancellation);
        Directory.CreateDirectory(host.RuntimeDirectory);
        var configuration = Path.Combine(host.RuntimeDirectory, "haproxy.cfg");
        var listeners = sockets == HaproxySockets.InheritedListener ? ports.Select(port => host.InNamespace(() => Listen(port))).ToList() : [];
        await File.WriteAllTextAsync(configuration, Configuration(listeners), cancellation);
        _process = sockets == HaproxySockets.Mptcpize
            ? host.Start("mptcpize", "run", "haproxy", "-db", "-f", configuration)
            : host.Start("haproxy", "-db", "-f", configuration);
        listeners.ForEach(listener => listener.Dispose());
        try
        {
            await Condition.WaitAsync(() => _process.HasExited || Listens(), Deadline, "HAProxy listens", cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new LabException($"{exception.Message} Its log:\n{_process.ReadLog()}", exception);
        }

        if (_process.HasExited)
            throw new LabException($"HAProxy ended with code {_process.ExitCode}:\n{_process.ReadLog()}");
    }

    /// <summary>Ends it.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (_process is null)
            return;
        _process.Signal(ProcessSignal.Terminate);
        await _process.WaitForExitAsync(cancellation);
    }

    // The listener's port must be the connection's, or the kernel refuses further subflows: --on-port 0 keeps it.
    private async Task DivertAsync(CancellationToken cancellation)
    {
        var rules = $"""
            *mangle
            -A PREROUTING -p tcp -m socket --transparent -j MARK --set-mark 1
            -A PREROUTING -p tcp -m socket --transparent -j ACCEPT
            -A PREROUTING ! -i legacy -p tcp -m multiport --dports {string.Join(',', ports)} -j TPROXY --on-port 0 --tproxy-mark 1/1
            COMMIT

            """;
        (await host.RunAsync(["iptables-restore", "-w"], rules, cancellation)).RequireSuccess();
        (await host.RunAsync("ip", "rule", "add", "fwmark", "1", "lookup", "100")).RequireSuccess();
        (await host.RunAsync("ip", "route", "add", "local", "default", "dev", "lo", "table", "100")).RequireSuccess();
    }

    private bool Listens() => host.InNamespace(() =>
    {
        var listeners = File.ReadLines("/proc/thread-self/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == Listening)
            .Select(fields => int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture))
            .ToHashSet();
        return ports.All(listeners.Contains);
    });

    // Without SOCK_CLOEXEC, so that the process that is started next has it too, under the same number.
    private static FileDescriptor Listen(int port)
    {
        var socket = Libc.socket(Libc.AF_INET, Libc.SOCK_STREAM, Libc.IPPROTO_MPTCP);
        SocketOption.Set(socket, SocketOption.SOL_SOCKET, SocketOption.SO_REUSEADDR, 1);
        SocketOption.Set(socket, Libc.IPPROTO_IP, SocketOption.IP_TRANSPARENT, 1);
        var address = sockaddr.From([0, 0, 0, 0], (ushort)port);
        if (Libc.bind(socket, in address, address.Length) != 0 || Libc.listen(socket, Backlog) != 0)
            throw ErrnoException.Last(nameof(Libc.bind), $"port {port}");
        return socket;
    }

    private IEnumerable<string> Binds(IReadOnlyList<FileDescriptor> listeners) => listeners.Count > 0
        ? listeners.Select(listener => $"  bind fd@{listener.Number}")
        : ports.Select(port => $"  bind 0.0.0.0:{port} transparent");

    private string Configuration(IReadOnlyList<FileDescriptor> listeners) =>
        $"""
        global
          maxconn 6000
        defaults
          mode tcp
          option splice-auto
          timeout connect 10s
          timeout client 10m
          timeout server 10m
        listen any
          backlog {Backlog}
        {string.Join('\n', Binds(listeners))}
          source 0.0.0.0 usesrc client
          server origin 0.0.0.0:0

        """;
}
