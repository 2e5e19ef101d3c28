using System.Net.Sockets;

namespace Middlebox.Appliance.Commands.Soak;

/// <summary>Sends known bytes over sockets and compares those that come.</summary>
internal static class PatternStream
{
    private const int BufferLength = 65_536;

    /// <summary>Sends a part of a stream.</summary>
    public static async Task SendAsync(Socket socket, int stream, long from, long to, CancellationToken cancellation)
    {
        for (var position = from; position < to;)
        {
            var piece = PatternBytes.At(stream, position, (int)Math.Min(BufferLength, to - position));
            position += await socket.SendAsync(piece, cancellation);
        }
    }

    /// <summary>Receives a part of a stream; its end or a wrong byte before that is an error.</summary>
    /// <exception cref="InvalidDataException">A byte is not the one that was sent.</exception>
    /// <exception cref="EndOfStreamException">The stream has ended too soon.</exception>
    public static async Task ReceiveAsync(Socket socket, int stream, long from, long to, SoakTally tally, CancellationToken cancellation)
    {
        var buffer = new byte[BufferLength];
        for (var position = from; position < to;)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(0, (int)Math.Min(BufferLength, to - position)), cancellation);
            if (count == 0)
                throw new EndOfStreamException($"ended after {position} of {to} bytes");
            if (!buffer.AsSpan(0, count).SequenceEqual(PatternBytes.At(stream, position, count).Span))
                throw new InvalidDataException($"{PatternBytes.Difference(stream, position, buffer.AsSpan(0, count))}, of {to}");
            position += count;
            tally.AddBytes(count);
        }
    }

    /// <summary>Requires that the stream ends here.</summary>
    /// <exception cref="InvalidDataException">There is more than was sent.</exception>
    public static async Task ReceiveEndAsync(Socket socket, CancellationToken cancellation)
    {
        if (await socket.ReceiveAsync(new byte[1], cancellation) != 0)
            throw new InvalidDataException("more has come than was sent");
    }
}
