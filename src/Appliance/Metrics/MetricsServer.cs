using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Metrics;

/// <summary>
/// Answers GET /metrics and GET /healthz over HTTP/1.1, one request for each connection (RFC 9112, closed as in section 9.6). It runs
/// on the thread pool and has a few places: whoever is slow or floods it costs one of them for a few seconds, and never a packet.
/// </summary>
internal sealed class MetricsServer : IAsyncDisposable
{
    private const int MaximumClients = 8;
    private const int Backlog = 64;
    private const int MaximumRequestLength = 8192;
    private const string MetricsType = "text/plain; version=0.0.4; charset=utf-8";
    private const string PlainType = "text/plain; charset=utf-8";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Func<string> _metrics;
    private readonly Func<IReadOnlyList<string>> _ailments;
    private readonly ILogger _logger;
    private readonly Socket _listener;
    private readonly SemaphoreSlim _places = new(MaximumClients);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    /// <param name="endpoint">Where to listen; port 0 lets the system choose.</param>
    /// <param name="metrics">Writes all metrics.</param>
    /// <param name="ailments">What is wrong with the box; empty if it is healthy.</param>
    /// <param name="logger">Where to tell.</param>
    /// <exception cref="SocketException">The address or port cannot be had.</exception>
    public MetricsServer(IPEndPoint endpoint, Func<string> metrics, Func<IReadOnlyList<string>> ailments, ILogger logger)
    {
        _metrics = metrics;
        _ailments = ailments;
        _logger = logger;
        _listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _listener.Bind(endpoint);
            _listener.Listen(Backlog);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }

        Endpoint = (IPEndPoint)_listener.LocalEndPoint!;
        MetricsLog.Listening(logger, Endpoint.ToString());
        if (!IPAddress.IsLoopback(endpoint.Address))
            MetricsLog.Open(logger, Endpoint.ToString());
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _places.WaitAsync(_stop.Token);
                _ = ServeAsync(await _listener.AcceptAsync(_stop.Token));
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
        {
            // The box is shutting down.
        }
        catch (SocketException failure)
        {
            MetricsLog.AcceptFailed(_logger, failure);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        deadline.CancelAfter(Patience);
        try
        {
            using (client)
            {
                await using var stream = new NetworkStream(client);
                var request = await ReadHeadAsync(stream, deadline.Token);
                await stream.WriteAsync(Answer(request), deadline.Token);
                // Closing with unread bytes would reset the connection and take the answer with it.
                client.Shutdown(SocketShutdown.Send);
                await stream.CopyToAsync(Stream.Null, deadline.Token);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or SocketException)
        {
            // It went away, or it was too slow: its own loss.
        }
        finally
        {
            _places.Release();
        }
    }

    private byte[] Answer(string request)
    {
        var words = request.Split("\r\n")[0].Split(' ');
        if (words is not [var method, var target, var version] || !version.StartsWith("HTTP/1.", StringComparison.Ordinal))
            return Compose("400 Bad Request", PlainType, "this is no HTTP/1.1 request\n");
        if (method is not ("GET" or "HEAD"))
            return Compose("405 Method Not Allowed", PlainType, "only GET and HEAD are served here\n", "Allow: GET, HEAD\r\n");
        var withBody = method == "GET";
        return target.Split('?')[0] switch
        {
            "/metrics" => Compose("200 OK", MetricsType, _metrics(), withBody: withBody),
            "/healthz" => _ailments() is { Count: > 0 } ailments
                ? Compose("503 Service Unavailable", PlainType, string.Join('\n', ailments) + "\n", withBody: withBody)
                : Compose("200 OK", PlainType, "ok\n", withBody: withBody),
            _ => Compose("404 Not Found", PlainType, "there are /metrics and /healthz here\n", withBody: withBody),
        };
    }

    private static byte[] Compose(string status, string type, string body, string fields = "", bool withBody = true)
    {
        var length = Encoding.UTF8.GetByteCount(body);
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {length}\r\n{fields}Connection: close\r\n\r\n");
        return Encoding.UTF8.GetBytes(withBody ? head + body : head);
    }

    /// <summary>The request line and the fields; what does not end within the limit is cut off there.</summary>
    private static async Task<string> ReadHeadAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var buffer = new byte[MaximumRequestLength];
        var length = 0;
        while (length < buffer.Length)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length), cancellation);
            length += count;
            if (count == 0 || buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
                break;
        }

        return Encoding.ASCII.GetString(buffer, 0, length);
    }
}
