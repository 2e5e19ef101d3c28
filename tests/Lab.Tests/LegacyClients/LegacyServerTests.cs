using System.Net.Sockets;
using Middlebox.Lab.Tests.Hostile;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>Between a client and a server without MPTCP nothing changes but for one option in the first SYN.</summary>
public sealed class LegacyServerTests : LegacyClientFixture
{
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_unknown_is_offered_MPTCP_and_left_alone(AddressFamily family)
    {
        var before = await IdleAsync();
        var (atClient, atServer, after) = await TraceAsync(family, NewPort());

        Assert.That(after.Released("offerDeclined") - before.Released("offerDeclined"), Is.EqualTo(1));
        Assert.That((after.Contexts, after.TotalFlows), Is.EqualTo((0L, before.TotalFlows)));
        AssertIsTheSameConnection(atClient, atServer);
        Assert.That(OptionsOf(atServer[0]).MpCapable, Is.EqualTo(MpCapableKind.Version1));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_known_to_be_legacy_gets_the_SYN_as_it_was(AddressFamily family)
    {
        var port = NewPort();
        await TraceAsync(family, port);
        var before = await IdleAsync();

        var (atClient, atServer, after) = await TraceAsync(family, port);

        Assert.That(after.Bypassed("serverKnownLegacy") - before.Bypassed("serverKnownLegacy"), Is.EqualTo(1));
        Assert.That(after.ContextsCreated, Is.EqualTo(before.ContextsCreated));
        AssertIsTheSameConnection(atClient, atServer);
        Assert.That(Segment(atServer[0]), Is.EqualTo(Segment(atClient[0])), "from the TCP header on");
    }

    /// <summary>Connects, and returns the first two packets of the client, as it has sent them and as the server has received them.</summary>
    private async Task<(byte[][] AtClient, byte[][] AtServer, BoxStatus After)> TraceAsync(AddressFamily family, int port)
    {
        using var client = new PacketCapture(Client);
        using var server = new PacketCapture(Legacy);
        using var connection = await ConnectAsync(family, "legacy", port);
        await connection.GreetAsync(Deadline);
        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress));
        return (
            await FirstTwoAsync(client, connection), await FirstTwoAsync(server, connection), await Box.StatusAsync(Deadline));
    }

    private async Task<byte[][]> FirstTwoAsync(PacketCapture capture, Connection connection)
    {
        var port = connection.ClientAddress.Port;
        return [await capture.ReceiveAsync(port, Deadline), await capture.ReceiveAsync(port, Deadline)];
    }

    private static void AssertIsTheSameConnection(byte[][] atClient, byte[][] atServer)
    {
        for (var i = 0; i < 2; i++)
        {
            TcpPacket.Read(atClient[i], out var sent);
            TcpPacket.Read(atServer[i], out var received);
            Assert.That(sent.Flags & TcpFlags.SynAck, Is.EqualTo(i == 0 ? TcpFlags.Syn : TcpFlags.Ack));
            Assert.That(
                (received.Flags, received.Sequence, received.Acknowledgment), Is.EqualTo((sent.Flags, sent.Sequence, sent.Acknowledgment)));
        }
    }

    private static HandshakeOptions OptionsOf(byte[] packet)
    {
        TcpPacket.Read(packet, out var segment);
        return HandshakeOptions.Read(segment.Options);
    }

    /// <summary>The TCP header without its checksum, which a sender may leave to its network card.</summary>
    private static byte[] Segment(byte[] packet)
    {
        TcpPacket.Read(packet, out var segment);
        var bytes = segment.Bytes[segment.TcpOffset..].ToArray();
        bytes.AsSpan(TcpConstants.ChecksumOffset, 2).Clear();
        return bytes;
    }
}
