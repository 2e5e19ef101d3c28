using System.Net.Sockets;
using Middlebox.Lab.Tests.Hostile;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Topologies;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>A capable server gets MPTCP over both uplinks of the box, with the address and port of the client.</summary>
public sealed class CapableServerTests : LegacyClientFixture
{
    protected override LabOptions Options =>
        new() { Rates = new Dictionary<string, LinkRate> { ["dsl"] = Rate("50mbit"), ["lte"] = Rate("50mbit") } };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_unknown_first_connection_is_dialled_anew_and_works(AddressFamily family)
    {
        var port = NewPort();
        using var capture = new PacketCapture(Capable);

        using var connection = await ConnectAsync(family, "capable", port);
        await connection.GreetAsync(Deadline);

        var flow = await FlowAsync(subflows: 2);
        Assert.That((flow.IsMptcp, flow.Reason), Is.EqualTo((true, "serverKnownCapable")));
        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress));
        var client = connection.ClientAddress.Port;
        var offered = await ReceiveAsync(capture, client);
        Assert.That((offered.Flags, offered.OffersMptcp), Is.EqualTo((TcpFlags.Syn, true)));
        var reset = await ReceiveAsync(capture, client);
        Assert.That((reset.Flags, reset.Sequence), Is.EqualTo((TcpFlags.Rst, unchecked(offered.Sequence + 1))));
        var dialled = await ReceiveAsync(capture, client);
        Assert.That((dialled.Flags, dialled.OffersMptcp), Is.EqualTo((TcpFlags.Syn, true)));
        await AssertBytesArriveAsync(connection);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_known_there_is_one_handshake_and_no_extra_round_trip(AddressFamily family)
    {
        var port = await KnownPortAsync(family);
        using var capture = new PacketCapture(Capable);

        using var connection = await ConnectAsync(family, "capable", port);
        await connection.GreetAsync(Deadline);

        var client = connection.ClientAddress.Port;
        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress));
        var syn = await ReceiveAsync(capture, client);
        Assert.That((syn.Flags, syn.OffersMptcp), Is.EqualTo((TcpFlags.Syn, true)));
        Assert.That((await ReceiveAsync(capture, client)).Flags, Is.EqualTo(TcpFlags.Ack));
        await FlowAsync(subflows: 2);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Data_is_spread_over_both_uplinks(AddressFamily family)
    {
        const long Amount = 8_000_000;
        var port = await KnownPortAsync(family);
        using var connection = await ConnectAsync(family, "capable", port);
        await connection.GreetAsync(Deadline);
        var flow = await FlowAsync(subflows: 2);
        Assert.That(flow.Subflows, Has.One.EqualTo((flow.Client, flow.Server)));
        Assert.That(flow.Subflows.Select(subflow => subflow.Remote), Has.All.EqualTo(flow.Server));
        var (sent, received) = (Box.SentBytes("lte"), Box.ReceivedBytes("lte"));

        await AssertBytesArriveAsync(connection, Amount);

        Assert.That(Box.SentBytes("lte") - sent, Is.GreaterThan(Amount / 5));
        Assert.That(Box.ReceivedBytes("lte") - received, Is.GreaterThan(Amount / 5));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Connection_that_ends_leaves_nothing(AddressFamily family)
    {
        var port = await KnownPortAsync(family);
        using (var connection = await ConnectAsync(family, "capable", port))
        {
            await connection.GreetAsync(Deadline);
            connection.Client.Shutdown(SocketShutdown.Send);
            Assert.That(await connection.Server.ReceiveAsync(new byte[1], Deadline), Is.Zero, "the end of the stream");
            await connection.Server.SendAsync("late"u8.ToArray(), Deadline);
            connection.Server.Shutdown(SocketShutdown.Send);
            var text = new byte[16];
            Assert.That(await connection.Client.ReceiveAsync(text, Deadline), Is.EqualTo(4));
            Assert.That(await connection.Client.ReceiveAsync(text, Deadline), Is.Zero);
        }

        var status = await IdleAsync();
        Assert.That(status.Ended("finished"), Is.Positive);
        Assert.That(await SocketsAsync(port), Does.Not.Contain("ESTAB").And.Not.Contain("CLOSE-WAIT"));
    }

    private async Task<(TcpFlags Flags, uint Sequence, bool OffersMptcp)> ReceiveAsync(PacketCapture capture, int sourcePort)
    {
        TcpPacket.Read(await capture.ReceiveAsync(sourcePort, Deadline), out var segment);
        return (
            segment.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst | TcpFlags.Fin),
            segment.Sequence,
            HandshakeOptions.Read(segment.Options).MpCapable == MpCapableKind.Version1);
    }
}
