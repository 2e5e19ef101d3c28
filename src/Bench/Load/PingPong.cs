using System.Diagnostics;
using System.Runtime.InteropServices;
using Middlebox.Native;

namespace Middlebox.Bench.Load;

/// <summary>One connection on which a byte goes there and back, again and again, by a thread that blocks. In the client's namespace.</summary>
internal static class PingPong
{
    private const int WarmUpRounds = 500;
    private static readonly long[] Patience = [10, 0];

    /// <summary>Runs for a time.</summary>
    /// <returns>The client's endpoint, once counted.</returns>
    /// <exception cref="ErrnoException">The connection failed, or an answer did not come within 10 s.</exception>
    public static PeerTally Run(bool mptcp, SourcePorts sources, sockaddr server, TimeSpan duration, Latencies latencies)
    {
        using var socket = Libc.socket(
            Libc.AF_INET, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, mptcp ? Libc.IPPROTO_MPTCP : Libc.IPPROTO_TCP);
        var source = sources.Next();
        if (Libc.bind(socket, in source, source.Length) != 0 || Libc.connect(socket, in server, server.Length) != 0)
            throw ErrnoException.Last(nameof(Libc.connect));
        SocketOption.Set(socket, Libc.IPPROTO_TCP, SocketOption.TCP_NODELAY, 1);
        SocketOption.Set(socket, SocketOption.SOL_SOCKET, SocketOption.SO_RCVTIMEO, MemoryMarshal.AsBytes<long>(Patience));
        for (var i = 0; i < WarmUpRounds; i++)
            Exchange(socket);
        var now = Stopwatch.GetTimestamp();
        var end = now + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        while (now < end)
        {
            Exchange(socket);
            var after = Stopwatch.GetTimestamp();
            latencies.Add(after - now);
            now = after;
        }

        return default(PeerTally).With(ref source);
    }

    private static void Exchange(FileDescriptor socket)
    {
        byte value = 0;
        if (Libc.send(socket, in value, 1, Libc.MSG_NOSIGNAL) != 1)
            throw ErrnoException.Last(nameof(Libc.send));
        var received = Libc.recv(socket, ref value, 1, 0);
        if (received < 0)
            throw ErrnoException.Last(nameof(Libc.recv));
        if (received == 0)
            throw new EndOfStreamException("The server ended the connection of the ping-pong.");
    }
}
