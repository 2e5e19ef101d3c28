using System.Net.Sockets;
using System.Security.Cryptography;

namespace Middlebox.Lab.Tests.Traffic;

/// <summary>Sends random bytes over sockets and digests what was sent and received.</summary>
public static class ByteStream
{
    private const int ChunkBytes = 1 << 18;

    /// <summary>Sends so many random bytes.</summary>
    /// <param name="socket">Connected.</param>
    /// <param name="length">How many.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="progress">Told after each chunk how many bytes the socket has taken.</param>
    public static async Task<StreamDigest> SendAsync(
        Socket socket, long length, CancellationToken cancellation, Action<long>? progress = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = new byte[ChunkBytes];
        for (long sent = 0; sent < length;)
        {
            var piece = chunk.AsMemory(0, (int)Math.Min(ChunkBytes, length - sent));
            Random.Shared.NextBytes(piece.Span);
            hash.AppendData(piece.Span);
            for (var rest = piece; rest.Length > 0;)
                rest = rest[await socket.SendAsync(rest, cancellation)..];
            sent += piece.Length;
            progress?.Invoke(sent);
        }
        return new StreamDigest(length, Convert.ToHexString(hash.GetHashAndReset()));
    }

    /// <summary>Sends so many random bytes and then the end of the stream; the other direction goes on.</summary>
    public static async Task<StreamDigest> SendAllAsync(Socket socket, long length, CancellationToken cancellation)
    {
        var digest = await SendAsync(socket, length, cancellation);
        socket.Shutdown(SocketShutdown.Send);
        return digest;
    }

    /// <summary>Sends random bytes, piece by piece, until it is enough, and then the end of the stream.</summary>
    public static async Task<StreamDigest> SendUntilAsync(
        Socket socket, Func<bool> isEnough, TimeSpan pause, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = new byte[ChunkBytes];
        long sent = 0;
        for (; !isEnough(); sent += chunk.Length)
        {
            Random.Shared.NextBytes(chunk);
            hash.AppendData(chunk);
            for (var rest = chunk.AsMemory(); rest.Length > 0;)
                rest = rest[await socket.SendAsync(rest, cancellation)..];
            await Task.Delay(pause, cancellation);
        }

        socket.Shutdown(SocketShutdown.Send);
        return new StreamDigest(sent, Convert.ToHexString(hash.GetHashAndReset()));
    }

    /// <summary>Receives until the peer's end of the stream, or until so many bytes have come.</summary>
    public static async Task<StreamDigest> ReceiveAsync(
        Socket socket, CancellationToken cancellation, long atMost = long.MaxValue, Action<long>? progress = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = new byte[ChunkBytes];
        long received = 0;
        while (received < atMost)
        {
            var room = chunk.AsMemory(0, (int)Math.Min(ChunkBytes, atMost - received));
            var count = await socket.ReceiveAsync(room, cancellation);
            if (count == 0)
                break;
            hash.AppendData(room.Span[..count]);
            received += count;
            progress?.Invoke(received);
        }
        return new StreamDigest(received, Convert.ToHexString(hash.GetHashAndReset()));
    }
}
