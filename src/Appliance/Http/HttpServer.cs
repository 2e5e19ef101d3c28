using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Middlebox.Appliance.Http;

/// <summary>
/// Answers GET and HEAD over HTTP/1.1, one request for each connection (RFC 9112, closed as in section 9.6). It runs on the thread pool and
/// has a few places: whoever is slow or floods it costs one of them for a few seconds, and never a packet.
/// </summary>
internal sealed class HttpServer : IAsyncDisposable
{
    /// <summary>Longest request line in bytes.</summary>
    public const int MaximumLineLength = 2048;

    /// <summary>Longest head of a request in bytes: request line, fields and the empty line.</summary>
    public const int MaximumHeadLength = 8192;

    private const int Backlog = 64;

    // Without a pause, an error that stays would keep a processor busy.
    private static readonly TimeSpan AcceptRetry = TimeSpan.FromSeconds(0.1);

    private readonly HttpServerLimits _limits;
    private readonly Func<HttpRequest, HttpAnswer> _answer;
    private readonly ILogger _logger;
    private readonly Socket _listener;
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private bool _hasFailed;

    /// <param name="endpoint">Where to listen; port 0 lets the system choose.</param>
    /// <param name="limits">What it spends on clients.</param>
    /// <param name="answer">Answers requests by GET and HEAD; called by several threads at a time.</param>
    /// <param name="logger">Where to tell.</param>
    /// <exception cref="SocketException">The address or port cannot be had.</exception>
    public HttpServer(IPEndPoint endpoint, HttpServerLimits limits, Func<HttpRequest, HttpAnswer> answer, ILogger logger)
    {
        _limits = limits;
        _answer = answer;
        _logger = logger;
        _places = new SemaphoreSlim(limits.Clients);
        _listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(endpoint);
            _listener.Listen(Backlog);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }

        Endpoint = (IPEndPoint)_listener.LocalEndPoint!;
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
                _ = ServeAsync(await AcceptOneAsync());
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
        {
            // The box is shutting down.
        }
    }

    /// <summary>The next client. An error is one client's (ECONNABORTED), or passes with time (EMFILE): the client waits in the backlog meanwhile.</summary>
    private async Task<Socket> AcceptOneAsync()
    {
        while (true)
        {
            try
            {
                return await _listener.AcceptAsync(_stop.Token);
            }
            catch (SocketException failure) when (!_stop.IsCancellationRequested)
            {
                if (!_hasFailed)
                    HttpLog.AcceptFailed(_logger, Endpoint.ToString(), AcceptRetry.TotalSeconds, failure);
                _hasFailed = true;
                await Task.Delay(AcceptRetry, _stop.Token);
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        deadline.CancelAfter(_limits.Patience);
        try
        {
            using (client)
            {
                await using var stream = new NetworkStream(client);
                var answer = await AnswerAsync(stream, deadline.Token);
                // Writing it down is not the client's time.
                deadline.CancelAfter(_limits.Patience);
                await stream.WriteAsync(answer, deadline.Token);
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

    /// <summary>Reads one request, in whatever pieces it comes, and answers it.</summary>
    /// <returns>The bytes of the answer; every request gets one.</returns>
    internal async Task<byte[]> AnswerAsync(Stream stream, CancellationToken cancellation)
    {
        var buffer = new byte[MaximumHeadLength];
        var length = 0;
        int end;
        while (true)
        {
            // Before the end is looked for: what is too long is so however it is cut into segments.
            if (buffer.AsSpan(0, Math.Min(length, MaximumLineLength)).IndexOf((byte)'\n') < 0 && length >= MaximumLineLength)
                return HttpAnswer.Text("414 URI Too Long", $"a request line has at most {MaximumLineLength} bytes here\n").Write(withBody: true);
            end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                break;
            if (length == buffer.Length)
            {
                return HttpAnswer.Text(
                    "431 Request Header Fields Too Large", $"a request has at most {MaximumHeadLength} bytes here\n").Write(withBody: true);
            }

            var count = await stream.ReadAsync(buffer.AsMemory(length), cancellation);
            if (count == 0)
                break;
            length += count;
        }

        if (end < 0 || !HttpRequest.TryParse(Encoding.Latin1.GetString(buffer, 0, end), out var request))
            return HttpAnswer.Text("400 Bad Request", "this is no HTTP/1.1 request\n").Write(withBody: true);
        return Answer(request).Write(withBody: request.Method != "HEAD");
    }

    private HttpAnswer Answer(HttpRequest request)
    {
        if (request.Method is not ("GET" or "HEAD"))
            return HttpAnswer.MethodNotAllowed;
        try
        {
            return _answer(request);
        }
        catch (Exception failure)
        {
            // Who asks learns nothing of the inside; the log does.
            HttpLog.AnswerFailed(_logger, Endpoint.ToString(), request.Path, failure);
            return HttpAnswer.Text("500 Internal Server Error", "the box has failed at this; its log says more\n");
        }
    }
}
