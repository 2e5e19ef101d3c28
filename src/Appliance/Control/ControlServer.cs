using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Middlebox.Appliance.Host;
using Middlebox.Appliance.Options;
using Middlebox.Appliance.Reports;
using Middlebox.Native;

namespace Middlebox.Appliance.Control;

/// <summary>
/// Answers questions on the control socket (<see cref="ControlProtocol"/>). A client that sends nothing, too much or too
/// slowly costs one of a few places for a few seconds, and never a packet.
/// </summary>
internal sealed class ControlServer : IAsyncDisposable
{
    private const int MaximumClients = 16;

    // Clients that find no place wait here; a full queue would turn them away.
    private const int Backlog = 128;

    // Read and write for owner and group: who may ask is decided by the directory and the group.
    private const UnixFileMode SocketMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    // Less than a client waits, so that those behind clients who keep every place busy are still answered.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // Without a pause, an error that stays would keep a processor busy.
    private static readonly TimeSpan AcceptRetry = TimeSpan.FromSeconds(0.1);

    private readonly string _path;
    private readonly ControlAnswers _answers;
    private readonly ILogger _logger;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly SemaphoreSlim _places = new(MaximumClients);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Socket, CancellationToken, ValueTask<Socket>> _accept;
    private readonly Task _accepting;
    private bool _hasFailed;

    /// <summary>Listens on the path; a socket there that no process listens on any more is replaced.</summary>
    /// <param name="path">Where.</param>
    /// <param name="answers">What is answered.</param>
    /// <param name="logger">Where to tell.</param>
    /// <param name="group">Group that may ask, by name or number; empty for the process's own.</param>
    /// <param name="accept">How a client is accepted; a test lets it fail. Default accept(2).</param>
    /// <exception cref="ErrnoException">The socket cannot be given to the group.</exception>
    /// <exception cref="HostSetupException">There is something else than a socket.</exception>
    /// <exception cref="SocketException">The path cannot be bound: another box listens there.</exception>
    public ControlServer(
        string path,
        ControlAnswers answers,
        ILogger logger,
        string group = "",
        Func<Socket, CancellationToken, ValueTask<Socket>>? accept = null)
    {
        _accept = accept ?? (static (listener, cancellation) => listener.AcceptAsync(cancellation));
        _path = path;
        _answers = answers;
        _logger = logger;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (RegularFile.KindOf(path) is not (null or FileKind.Socket))
            throw new HostSetupException($"'{path}' is no socket, and is left as it is; remove it, or name another in Control:Socket");
        if (IsDeadSocket(path))
            File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        // Nobody can connect before it listens.
        File.SetUnixFileMode(path, SocketMode);
        if (UserGroup.TryFind(group, out var groupId))
            FileOwner.SetGroup(path, groupId);
        _listener.Listen(Backlog);
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        File.Delete(_path);
        _stop.Dispose();
    }

    private static bool IsDeadSocket(string path)
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            client.Connect(new UnixDomainSocketEndPoint(path));
            return false;
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode == SocketError.ConnectionRefused;
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _places.WaitAsync(_stop.Token);
                var client = await AcceptOneAsync();
                // On a thread of its own from the start: a long report must not keep the next client waiting.
                _ = Task.Run(() => ServeAsync(client));
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The box is shutting down; which of these tells so depends on how far the accept had come.
        }
    }

    /// <summary>
    /// The next client. An error is one client's (ECONNABORTED), or passes with time (EMFILE, ENOMEM: a box at its limit of flows): the client waits
    /// in the backlog meanwhile.
    /// </summary>
    private async Task<Socket> AcceptOneAsync()
    {
        while (true)
        {
            try
            {
                return await _accept(_listener, _stop.Token);
            }
            catch (SocketException failure) when (!_stop.IsCancellationRequested)
            {
                if (!_hasFailed)
                    ControlLog.AcceptFailed(_logger, AcceptRetry.TotalSeconds, failure);
                _hasFailed = true;
                await Task.Delay(AcceptRetry, _stop.Token);
            }
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
                var request = await ReadRequestAsync(stream, deadline.Token);
                if (request is not null && WordsBehind(ControlProtocol.Trace, request) is { } words)
                {
                    // It takes the time that it takes.
                    deadline.CancelAfter(Timeout.InfiniteTimeSpan);
                    await _answers.TraceAsync(stream, words, deadline.Token);
                    return;
                }

                var answer = JsonSerializer.SerializeToUtf8Bytes(Answer(request), ReportJson.Options);
                // Writing it down is not the client's time.
                deadline.CancelAfter(Patience);
                await stream.WriteAsync(answer, deadline.Token);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            // It went away, or it was too slow: its own loss.
        }
        finally
        {
            _places.Release();
        }
    }

    private object Answer(string? request) => request switch
    {
        ControlProtocol.Status => _answers.Status(),
        ControlProtocol.Flows => _answers.Flows(),
        ControlProtocol.Servers => _answers.Servers(),
        ControlProtocol.ClearServers => _answers.ClearServers(),
        ControlProtocol.Upgrade => _answers.Upgrade(),
        not null when WordsBehind(ControlProtocol.Explain, request) is { } words => _answers.Explain(words),
        _ => new
        {
            Error = $"no such request; known: {ControlProtocol.Status}, {ControlProtocol.Flows}, {ControlProtocol.Servers}, {ControlProtocol.ClearServers},"
                + $" {ControlProtocol.Upgrade}, {ControlProtocol.Explain}, {ControlProtocol.Trace}",
        },
    };

    /// <summary>What follows a verb, or null if the request is another.</summary>
    private static string? WordsBehind(string verb, string request)
    {
        if (request == verb)
            return "";
        return request.StartsWith(verb + " ", StringComparison.Ordinal) ? request[(verb.Length + 1)..] : null;
    }

    /// <summary>The request without its line feed, or null if it is too long or cut off.</summary>
    private static async Task<string?> ReadRequestAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var buffer = new byte[ControlProtocol.MaximumRequestLength];
        for (var length = 0; length < buffer.Length;)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length), cancellation);
            if (count == 0)
                return null;
            length += count;
            if (buffer.AsSpan(0, length).IndexOf((byte)'\n') is >= 0 and var end)
                return Encoding.UTF8.GetString(buffer, 0, end).Trim();
        }

        return null;
    }
}
