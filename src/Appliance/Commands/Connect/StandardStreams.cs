using System.Net.Sockets;
using Middlebox.Native;

namespace Middlebox.Appliance.Commands.Connect;

/// <summary>Joins standard input and output to a connection, in the manner of nc(1).</summary>
/// <param name="input">What the server is told.</param>
/// <param name="output">Receives what it says.</param>
/// <param name="halfCloses">Whether the end of the input ends the connection's own direction. Many servers take that for the end of all.</param>
internal sealed class StandardStreams(Stream input, Stream output, bool halfCloses)
{
    private const int ChunkBytes = 1 << 16;
    private const int MostOfASyn = 1200;

    /// <summary>What is there to be read at once: the first bytes, which can go with the SYN. Empty if somebody still has to type them.</summary>
    public static byte[] ReadWaiting(Stream input)
    {
        var wait = new pollfd { fd = 0, events = Libc.POLLIN };
        if (Libc.poll(ref wait, 1, 0) <= 0)
            return [];
        var buffer = new byte[MostOfASyn];
        return buffer[..input.Read(buffer)];
    }

    /// <summary>Moves bytes both ways until the server has ended its direction.</summary>
    public async Task JoinAsync(Socket connection, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sending = SendAsync(connection, stop.Token);
        // No NetworkStream: it refuses a socket whose own direction has ended.
        var buffer = new byte[ChunkBytes];
        while (await connection.ReceiveAsync(buffer, cancellation) is > 0 and var count)
            await output.WriteAsync(buffer.AsMemory(0, count), cancellation);
        await output.FlushAsync(cancellation);

        // A read of standard input cannot be interrupted; nobody waits for it.
        await stop.CancelAsync();
        if (sending.IsFaulted)
            await sending;
    }

    private async Task SendAsync(Socket connection, CancellationToken cancellation)
    {
        var buffer = new byte[ChunkBytes];
        while (await input.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            for (ReadOnlyMemory<byte> rest = buffer.AsMemory(0, count); rest.Length > 0;)
                rest = rest[await connection.SendAsync(rest, cancellation)..];
        }

        if (halfCloses)
            connection.Shutdown(SocketShutdown.Send);
    }
}
