using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Topologies;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Running;

/// <summary>
/// The nginx of one host. A capable one runs under mptcpize(8), which turns its listeners into MPTCP sockets, because
/// Debian's nginx has no such option; a legacy one runs as it is.
/// </summary>
internal sealed class WebServer(InstancePaths paths, ServerPlacement server)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly string _directory = paths.ForHost(server.Host);
    private readonly string _namespace = InstancePaths.NamespaceName(paths.Instance, server.Host);

    /// <summary>Starts the server and returns when it accepts connections on every port, IPv4 and IPv6.</summary>
    /// <exception cref="LabException">It does not start; the message holds its log.</exception>
    public async Task<BackgroundProcess> StartAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(_directory);
        Directory.CreateDirectory(paths.Uploads(server.Host));
        var configuration = Path.Combine(_directory, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(), cancellation);
        string[] launcher = server.Capable ? ["mptcpize", "run"] : [];
        var process = BackgroundProcess.Start(_namespace, [.. launcher, "nginx", "-e", "stderr", "-c", configuration],
            Path.Combine(_directory, "nginx.log"));
        try
        {
            await Condition.WaitAsync(() => process.HasExited || Accepts(), Deadline,
                $"the web server on {server.Host} accepts connections", cancellation);
        }
        catch (TimeoutException exception)
        {
            throw new LabException($"{exception.Message} Its log:\n{process.ReadLog()}", exception);
        }
        return process.HasExited
            ? throw new LabException($"The web server on {server.Host} ended with code {process.ExitCode}:\n{process.ReadLog()}")
            : process;
    }

    private bool Accepts() => NetworkNamespace.Run(_namespace, () =>
        server.Ports.All(port => Accepts(IPAddress.Loopback, port) && Accepts(IPAddress.IPv6Loopback, port)));

    private static bool Accepts(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(address, port);
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }

    private string Configuration() =>
        $$"""
        daemon off;
        user root;
        worker_processes 1;
        worker_rlimit_nofile 20000;
        pid {{_directory}}/nginx.pid;
        error_log stderr notice;
        events { worker_connections 8192; }
        http {
          access_log off;
          sendfile on;
          tcp_nodelay on;
          keepalive_requests 1000000;
          default_type application/octet-stream;
          client_max_body_size 0;
          client_body_buffer_size 1m;
          client_body_temp_path {{paths.Uploads(server.Host)}}/.partial;
          proxy_temp_path {{_directory}}/proxy;
          fastcgi_temp_path {{_directory}}/fastcgi;
          uwsgi_temp_path {{_directory}}/uwsgi;
          scgi_temp_path {{_directory}}/scgi;
          server {
        {{string.Join('\n', server.Ports.Select(port => $"    listen {port}; listen [::]:{port} ipv6only=on;"))}}
            location = / { return 200 "{{(server.Capable ? "capable" : "legacy")}} server {{server.Host}}\n"; }
            location = /whoami { return 200 "$remote_addr $remote_port $server_addr $server_port\n"; }
            location = /discard { return 204; }
            location /bytes/ { alias {{paths.Content}}/; }
            location /upload/ { alias {{paths.Uploads(server.Host)}}/; dav_methods PUT DELETE; }
          }
        }

        """;
}
