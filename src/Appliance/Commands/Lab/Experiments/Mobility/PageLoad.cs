using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>A page of 100 kB on a connection of its own every two seconds; one that takes longer than ten seconds has failed.</summary>
internal static class PageLoad
{
    private const string Request = "GET /bytes/100k HTTP/1.0\r\nHost: legacy\r\n\r\n";
    private const int Port = 80;
    private const int PageBytes = 100_000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Loads pages until the time is up.</summary>
    /// <returns>How long each took; null for one that failed.</returns>
    public static async Task<IReadOnlyList<TimeSpan?>> RunAsync(MobilityClient client, TimeSpan duration, CancellationToken cancellation)
    {
        var pages = new List<Task<TimeSpan?>>();
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Pause);
        do
            pages.Add(LoadAsync(client, cancellation));
        while (await timer.WaitForNextTickAsync(cancellation) && watch.Elapsed < duration);
        return await Task.WhenAll(pages);
    }

    private static async Task<TimeSpan?> LoadAsync(MobilityClient client, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        var watch = Stopwatch.StartNew();
        try
        {
            using var socket = await client.ConnectAsync(Port, deadline.Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes(Request), deadline.Token);
            var (buffer, bytes) = (new byte[1 << 16], 0);
            for (int count; (count = await socket.ReceiveAsync(buffer, deadline.Token)) > 0;)
                bytes += count;
            return bytes > PageBytes ? watch.Elapsed : null;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }
}
