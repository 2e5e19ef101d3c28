using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Middlebox.Appliance.Reports;

namespace Middlebox.Appliance.Control;

/// <summary>Asks a running box on its control socket.</summary>
internal static class ControlClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether some process accepts questions there.</summary>
    public static bool IsAnswered(string socketPath)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The answer as it came, JSON.</summary>
    /// <exception cref="ControlException">Nobody answers there.</exception>
    public static async Task<string> AskAsync(string socketPath, string request, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        try
        {
            return await TellAsync(socketPath, async () =>
            {
                using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), deadline.Token);
                await socket.SendAsync(Encoding.UTF8.GetBytes(request + "\n"), deadline.Token);
                using var reader = new StreamReader(new NetworkStream(socket));
                return await reader.ReadToEndAsync(deadline.Token);
            });
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ControlException($"The box at {socketPath} has not answered within {Patience.TotalSeconds:0} s.");
        }
    }

    /// <summary>The lines of an answer that goes on until the caller has had enough.</summary>
    /// <exception cref="ControlException">Nobody answers there, or the box goes away.</exception>
    public static async IAsyncEnumerable<string> FollowAsync(
        string socketPath, string request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await TellAsync(socketPath, async () =>
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
            await socket.SendAsync(Encoding.UTF8.GetBytes(request + "\n"), cancellation);
            return true;
        });
        using var reader = new StreamReader(new NetworkStream(socket));
        while (await TellAsync(socketPath, async () => await reader.ReadLineAsync(cancellation)) is { } line)
            yield return line;
    }

    private static async Task<T> TellAsync<T>(string socketPath, Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception failure) when (failure is SocketException or IOException or ArgumentException)
        {
            throw new ControlException(
                $"No box answers at {socketPath} ({failure.Message}). Is it running? Name it with --name or --socket.");
        }
    }

    /// <summary>The answer as a report.</summary>
    /// <exception cref="ControlException">Nobody answers there, or with something else.</exception>
    public static async Task<T> AskAsync<T>(string socketPath, string request, CancellationToken cancellation)
    {
        var answer = await AskAsync(socketPath, request, cancellation);
        try
        {
            return JsonSerializer.Deserialize<T>(answer, ReportJson.Options)
                ?? throw new ControlException($"The box at {socketPath} answered nothing.");
        }
        catch (JsonException failure)
        {
            throw new ControlException($"The box at {socketPath} answered something else than a report: {failure.Message}");
        }
    }
}
