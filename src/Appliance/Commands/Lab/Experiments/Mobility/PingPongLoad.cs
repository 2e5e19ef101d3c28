using System.Diagnostics;
using System.Net.Sockets;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>A question and its answer of 100 bytes every 50 ms on one connection, as of a game or a shell.</summary>
internal static class PingPongLoad
{
    private const int Port = 7301;
    private const int Bytes = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the time is up.</summary>
    /// <returns>How long each answer took, in order; one that never came counts until the end.</returns>
    public static async Task<IReadOnlyList<TimeSpan>> RunAsync(MobilityClient client, TimeSpan duration, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(duration);
        using var listener = client.Listen(Port);
        var serving = ServeAsync(listener, end.Token);
        var rounds = new List<TimeSpan>();
        var watch = Stopwatch.StartNew();
        var asked = TimeSpan.Zero;
        try
        {
            using var socket = await client.ConnectAsync(Port, end.Token);
            using var timer = new PeriodicTimer(Pause);
            var buffer = new byte[Bytes];
            while (await timer.WaitForNextTickAsync(end.Token))
            {
                asked = watch.Elapsed;
                await socket.SendAsync(buffer, end.Token);
                for (var got = 0; got < Bytes;)
                {
                    var count = await socket.ReceiveAsync(buffer.AsMemory(got), end.Token);
                    if (count == 0)
                        throw new IOException("the connection ended");
                    got += count;
                }

                rounds.Add(watch.Elapsed - asked);
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            rounds.Add(duration - asked);
        }

        await end.CancelAsync();
        await serving;
        return rounds;
    }

    private static async Task ServeAsync(Socket listener, CancellationToken cancellation)
    {
        try
        {
            using var socket = await listener.AcceptAsync(cancellation);
            socket.NoDelay = true;
            var buffer = new byte[Bytes];
            for (int count; (count = await socket.ReceiveAsync(buffer, cancellation)) > 0;)
                await socket.SendAsync(buffer.AsMemory(0, count), cancellation);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The trace is over, or the connection is; the client judges which.
        }
    }
}
