using System.Diagnostics;
using System.Net.Sockets;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>
/// A paced stream, as of video: the server sends 2 Mbit/s in pieces of 100 ms, the client plays them from two seconds after the first one came. A piece that is
/// not there when its turn comes stops the picture until it is.
/// </summary>
internal static class StreamLoad
{
    private const int Port = 7300;
    private const int PieceBytes = 25_000;
    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Buffer = TimeSpan.FromSeconds(2);

    /// <summary>Plays until the time is up.</summary>
    /// <returns>How long the picture stood still.</returns>
    public static async Task<TimeSpan> RunAsync(MobilityClient client, TimeSpan duration, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(duration);
        using var listener = client.Listen(Port);
        var serving = ServeAsync(listener, end.Token);
        var arrivals = new List<TimeSpan>();
        var watch = Stopwatch.StartNew();
        try
        {
            using var socket = await client.ConnectAsync(Port, end.Token);
            var buffer = new byte[PieceBytes];
            while (true)
            {
                for (var got = 0; got < PieceBytes;)
                {
                    var count = await socket.ReceiveAsync(buffer.AsMemory(got), end.Token);
                    if (count == 0)
                        throw new IOException("the stream ended");
                    got += count;
                }

                arrivals.Add(watch.Elapsed);
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        await end.CancelAsync();
        await serving;
        return StoodStill(arrivals, duration);
    }

    /// <summary>How long the picture stands still, from when pieces come and how long one looks.</summary>
    internal static TimeSpan StoodStill(IReadOnlyList<TimeSpan> arrivals, TimeSpan duration)
    {
        var stalled = TimeSpan.Zero;
        var clock = (arrivals.Count > 0 ? arrivals[0] : TimeSpan.Zero) + Buffer;
        foreach (var arrival in arrivals)
        {
            if (arrival > clock)
            {
                stalled += arrival - clock;
                clock = arrival;
            }

            clock += Piece;
        }

        // After the last piece the picture stands until one stops looking.
        return duration > clock ? stalled + (duration - clock) : stalled;
    }

    private static async Task ServeAsync(Socket listener, CancellationToken cancellation)
    {
        try
        {
            using var socket = await listener.AcceptAsync(cancellation);
            using var timer = new PeriodicTimer(Piece);
            var piece = new byte[PieceBytes];
            do
            {
                for (var sent = 0; sent < piece.Length;)
                    sent += await socket.SendAsync(piece.AsMemory(sent), cancellation);
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The trace is over, or the connection is; the client judges which.
        }
    }
}
