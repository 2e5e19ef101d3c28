using System.Diagnostics;
using System.Net;
using Middlebox.Native;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Bench.Load;

/// <summary>
/// Sends SYNs as Linux makes them for MPTCP, each from another source, through a raw socket and by one thread. Nothing of the client's kernel
/// knows of them: it answers a SYN/ACK with a RST.
/// </summary>
internal static class SynFlood
{
    private const int BatchLength = 64;
    private const int PacketCapacity = 128;
    private const ushort Window = 64_240;

    // MSS 1460, SACK permitted, window scale 7, MP_CAPABLE version 1 with H; timestamps left out, which nobody misses here.
    private static readonly byte[] Options = [2, 4, 5, 180, 4, 2, 1, 3, 3, 7, 30, 4, 1, 1];

    /// <summary>Sends for a time. In the client's namespace.</summary>
    /// <param name="sources">Where the SYNs come from.</param>
    /// <param name="server">Where they go; IPv4.</param>
    /// <param name="port">Its port.</param>
    /// <param name="duration">How long.</param>
    /// <param name="perSecond">How many; null for as many as can be sent.</param>
    public static SynFloodResult Run(SourcePorts sources, IPAddress server, int port, TimeSpan duration, int? perSecond)
    {
        using var socket = new RawPacketSocket(mark: 0);
        var destination = new HostEndpoint(HostAddress.FromIpv4(server.GetAddressBytes()), new PortNumber((ushort)port));
        Span<byte> buffer = stackalloc byte[PacketCapacity];
        var watch = Stopwatch.StartNew();
        long sent = 0;
        while (watch.Elapsed < duration)
        {
            if (perSecond is { } limit && sent > watch.Elapsed.TotalSeconds * limit)
            {
                // On a machine with two cores a thread that spins would take the processor that is to be measured.
                Thread.Sleep(TimeSpan.FromMilliseconds(1));
                continue;
            }

            for (var i = 0; i < BatchLength; i++)
            {
                var from = sources.Next();
                var source = new HostEndpoint(HostAddress.FromIpv4(from.Address), new PortNumber(from.Port));
                var fields = new TcpSegmentFields(source, destination, (uint)sent * 64_001, 0, TcpFlags.Syn, Window);
                var length = TcpSegmentWriter.Write(buffer, in fields, Options, []);
                if (socket.Send(buffer[..length]) == Errno.None)
                    sent++;
            }
        }

        return new SynFloodResult(sent, watch.Elapsed);
    }
}
