using System.Diagnostics;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.Hostile;

/// <summary>Sends segments of one kind through a raw socket, paced, until it is told to stop. One thread.</summary>
internal static class SegmentFlood
{
    private const int BatchLength = 64;
    private const int FirstHost = 10;
    private const int Hosts = 240;
    private const ushort Window = 64_240;

    // MSS 1460, SACK permitted, window scale 7, MP_CAPABLE version 1 with H.
    private static readonly byte[] Capable = [2, 4, 5, 180, 4, 2, 1, 3, 3, 7, 30, 4, 1, 1];

    /// <param name="kind">What is sent.</param>
    /// <param name="server">The server's end; the other end is an invented neighbour of the client.</param>
    /// <param name="perSecond">How many.</param>
    /// <param name="seed">What the invented neighbours and numbers are drawn by.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>Segments that the kernel took.</returns>
    public static long Run(FloodKind kind, HostEndpoint server, int perSecond, int seed, CancellationToken stop)
    {
        using var socket = new RawPacketSocket(mark: 0);
        var random = new Random(seed);
        Span<byte> segment = stackalloc byte[128];
        Span<byte> join = stackalloc byte[12];
        var hosts = kind == FloodKind.CapableSynOfOneClient ? 1 : Hosts;
        var watch = Stopwatch.StartNew();
        long sent = 0;
        while (!stop.IsCancellationRequested)
        {
            if (sent > watch.Elapsed.TotalSeconds * perSecond)
            {
                Thread.Yield();
                continue;
            }

            for (var i = 0; i < BatchLength; i++)
            {
                var host = HostAddress.FromIpv4([198, 18, 1, (byte)(FirstHost + random.Next(hosts))]);
                var client = new HostEndpoint(host, new PortNumber((ushort)random.Next(1024, 65_536)));
                var (source, destination) = kind == FloodKind.SynAck ? (server, client) : (client, server);
                var flags = kind switch
                {
                    FloodKind.SynAck => TcpFlags.Syn | TcpFlags.Ack,
                    FloodKind.Ack => TcpFlags.Ack,
                    _ => TcpFlags.Syn,
                };
                var fields = new TcpSegmentFields(source, destination, (uint)random.Next(), (uint)random.Next(), flags, Window);
                var options = kind == FloodKind.JoinSyn ? WriteJoin(join, random) : kind == FloodKind.Ack ? [] : Capable.AsSpan();
                if (socket.Send(segment[..TcpSegmentWriter.Write(segment, in fields, options, [])]) == Errno.None)
                    sent++;
            }
        }

        return sent;
    }

    /// <summary>MP_JOIN of a SYN: subtype 1, address id 1, token and nonce (RFC 8684 section 3.2).</summary>
    private static Span<byte> WriteJoin(Span<byte> option, Random random)
    {
        random.NextBytes(option);
        option[0] = 30;
        option[1] = 12;
        option[2] = 0x10;
        option[3] = 1;
        return option;
    }
}
