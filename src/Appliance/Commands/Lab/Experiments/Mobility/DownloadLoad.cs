using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>A long download from the web server, for as long as a trace lasts. Every byte is compared with what the server has.</summary>
internal static class DownloadLoad
{
    private const string Request = "GET /bytes/100m HTTP/1.1\r\nHost: legacy\r\nConnection: close\r\n\r\n";
    private const int Port = 80;

    /// <summary>Downloads until the time is up.</summary>
    /// <param name="client">Who.</param>
    /// <param name="content">The served file.</param>
    /// <param name="duration">How long.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static async Task<DownloadResult> RunAsync(
        MobilityClient client, string content, TimeSpan duration, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(duration);
        var watch = Stopwatch.StartNew();
        var (bytes, longest, last, wrong, failure) = (0L, TimeSpan.Zero, TimeSpan.Zero, false, (string?)null);
        try
        {
            using var socket = await client.ConnectAsync(Port, end.Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes(Request), end.Token);
            await using var file = new FileStream(content, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var (buffer, expected) = (new byte[1 << 16], new byte[1 << 16]);
            var rest = await SkipHeaderAsync(socket, buffer, end.Token);
            for (var count = rest; ; count = await socket.ReceiveAsync(buffer, end.Token))
            {
                if (count == 0 && bytes > 0)
                    break;
                var now = watch.Elapsed;
                (longest, last) = (now - last > longest ? now - last : longest, now);
                await file.ReadExactlyAsync(expected.AsMemory(0, count), end.Token);
                wrong |= !buffer.AsSpan(0, count).SequenceEqual(expected.AsSpan(0, count));
                bytes += count;
            }

            failure = bytes == new FileInfo(content).Length ? null : $"ended after {bytes} bytes";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            longest = watch.Elapsed - last > longest ? watch.Elapsed - last : longest;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            failure = exception.Message;
            longest = duration - last > longest ? duration - last : longest;
        }

        return new DownloadResult(bytes * 8 / duration.TotalSeconds, longest, wrong, failure);
    }

    // The bytes of the content that came with the header are moved to the buffer's beginning.
    private static async Task<int> SkipHeaderAsync(Socket socket, byte[] buffer, CancellationToken cancellation)
    {
        var length = 0;
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation);
            if (count == 0)
                throw new IOException("the server closed the connection before its answer");
            length += count;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end < 0)
                continue;
            var body = end + 4;
            Array.Copy(buffer, body, buffer, 0, length - body);
            return length - body;
        }
    }
}
