using System.Net.Sockets;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Reports;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Negotiation.Servers;

namespace Middlebox.Lab.Tests.Converter;

/// <summary>A client that speaks only the RFC, by the octets of its figures, reaches servers of both kinds through the converter.</summary>
public sealed class ConvertedConnectionTests : ConverterFixture
{
    private const long Amount = 20_000_000;
    private const int Mptcp = 30;

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_over_both_accesses(AddressFamily family)
    {
        var (connection, answer) = await ConvertAsync(family, "legacy");
        using var _ = connection;
        var kinds = ConvertOctets.Kinds(ConvertOctets.Find(answer, ConvertOctets.Extended));
        Assert.That(kinds, Does.Contain(2).And.Not.Contain(Mptcp), "the options of the server's SYN/ACK");
        await connection.GreetAsync(Deadline);
        var flow = await FlowAsync(subflows: 2);
        Assert.That((flow.IsMptcp, flow.Reason), Is.EqualTo((true, "convertRequested")));
        Assert.That(flow.Client, Is.EqualTo(connection.ClientAddress.ToString()));
        Assert.That(
            connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("proxy", family)), "the server sees the box");

        var lte = (Sent: Client.SentBytes("lte"), Received: Client.ReceivedBytes("lte"));
        await AssertBytesArriveAsync(connection.Client, connection.Server, Amount);
        await AssertBytesArriveAsync(connection.Server, connection.Client, Amount);
        Assert.That(Client.SentBytes("lte") - lte.Sent, Is.GreaterThan(Amount / 20), "the second access carries its share upwards");
        Assert.That(Client.ReceivedBytes("lte") - lte.Received, Is.GreaterThan(Amount / 20), "and downwards");
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Capable_server_is_told_and_learnt(AddressFamily family)
    {
        var before = Capable.Counter("MPTcpExtMPCapableACKRX");
        var (connection, answer) = await ConvertAsync(family, "capable");
        using var _ = connection;
        Assert.That(ConvertOctets.Kinds(ConvertOctets.Find(answer, ConvertOctets.Extended)), Does.Contain(Mptcp));
        await AssertBytesArriveAsync(connection.Client, connection.Server, Amount);
        Assert.That(Capable.Counter("MPTcpExtMPCapableACKRX"), Is.EqualTo(before + 1), "MPTCP on this side too");
        var servers = await ControlClient.AskAsync<IReadOnlyList<KnownServerReport>>(Box.BoxControlSocket, ControlProtocol.Servers, Deadline);
        Assert.That(
            servers.Single(server => server.Server == connection.Server.LocalEndPoint!.ToString()).Capability, Is.EqualTo(ServerCapability.Capable));
    }

    [TestCase(true, true)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    [TestCase(false, false)]
    public async Task Client_with_or_without_mptcp_and_fast_open(bool mptcp, bool fastOpen)
    {
        var (connection, answer) = await ConvertAsync(AddressFamily.InterNetwork, "legacy", fastOpen, mptcp);
        using var _ = connection;
        Assert.That(answer, Is.Not.Empty);
        await connection.GreetAsync(Deadline);
        Assert.That((await FlowAsync(subflows: mptcp ? 2 : 0)).IsMptcp, Is.EqualTo(mptcp));
    }

    [Test]
    public async Task Server_that_only_the_converter_reaches()
    {
        string[] rule = ["FORWARD", "-s", "198.18.0.0/22", "-d", "198.18.10.2", "-i", "wifi", "-j", "DROP"];
        (await Core.RunAsync("iptables", ["-w", "-I", .. rule])).RequireSuccess();
        var (connection, _) = await ConvertAsync(AddressFamily.InterNetwork, "legacy");
        using (connection)
            await AssertBytesArriveAsync(connection.Client, connection.Server, 1_000_000);
        (await Core.RunAsync("iptables", ["-w", "-D", .. rule])).RequireSuccess();
    }

    [Test]
    public async Task Server_of_the_other_family()
    {
        var port = NewPort();
        using var listener = Connection.Listen(Lab, AddressFamily.InterNetworkV6, "legacy", port);
        using var client = Open(AddressFamily.InterNetwork, MessageFor(AddressFamily.InterNetworkV6, "legacy", port));
        using var server = await listener.AcceptAsync(Deadline);
        Assert.That(ConvertOctets.Find(await ReceiveMessageAsync(client), ConvertOctets.Extended), Is.Not.Empty);
        await AssertBytesArriveAsync(client, server, 100_000);
    }

    // Sent behind the message in one piece, and in pieces of which none is whole.
    [TestCase(1000)]
    [TestCase(3)]
    public async Task Data_behind_the_message_reaches_the_server(int piece)
    {
        var port = NewPort();
        using var listener = Connection.Listen(Lab, AddressFamily.InterNetwork, "legacy", port);
        byte[] all = [.. MessageFor(AddressFamily.InterNetwork, "legacy", port), .. "GET / HTTP/1.0"u8];
        using var client = Open(AddressFamily.InterNetwork, [], fastOpen: false);
        foreach (var part in all.Chunk(piece))
            await client.SendAsync(part, Deadline);
        client.Shutdown(SocketShutdown.Send);
        using var server = await listener.AcceptAsync(Deadline);

        Assert.That((await ByteStream.ReceiveAsync(server, Deadline)).Length, Is.EqualTo(14), "and the end of what the client says");
        await server.SendAsync("!"u8.ToArray(), Deadline);
        Assert.That(await ReceiveMessageAsync(client), Is.Not.Empty);
        Assert.That((await ByteStream.ReceiveAsync(client, Deadline, atMost: 1)).Length, Is.EqualTo(1), "the other direction goes on");
    }

    [Test]
    public async Task Reset_of_the_server_resets_the_client()
    {
        var (connection, _) = await ConvertAsync(AddressFamily.InterNetwork, "legacy");
        using var both = connection;
        await connection.GreetAsync(Deadline);
        Connection.Reset(connection.Server);
        Assert.That(
            async () => await connection.Client.ReceiveAsync(new byte[1], Deadline),
            Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionReset));
    }

    // RFC 8803 section 5.1: with MPTCP a RST has the scope of the subflow.
    [Test]
    public async Task Loss_of_one_access_leaves_the_connection()
    {
        var (connection, _) = await ConvertAsync(AddressFamily.InterNetwork, "legacy");
        using var both = connection;
        await connection.GreetAsync(Deadline);
        await FlowAsync(subflows: 2);
        var lte = Lab.AddressOf("client", AddressFamily.InterNetwork, "lte");
        (await Client.RunAsync("ss", "-K", "src", lte.ToString())).RequireSuccess();
        await FlowAsync(subflows: 1);
        await AssertBytesArriveAsync(connection.Client, connection.Server, 1_000_000);
    }

    [Test]
    public async Task Info_is_answered_with_the_supported_extensions()
    {
        using var client = Open(AddressFamily.InterNetwork, ConvertOctets.Message(ConvertOctets.Info));
        Assert.That(await ReceiveMessageAsync(client), Is.EqualTo(new byte[] { 1, 3, 0x22, 0x63, 0x15, 2, 0, 0, 30, 4, 8, 0 }));
        Assert.That(await client.ReceiveAsync(new byte[1], Deadline), Is.Zero, "and the connection ends");
    }

    [Test]
    public async Task Info_beside_an_extended_connect_is_answered_with_both()
    {
        var port = NewPort();
        using var listener = Connection.Listen(Lab, AddressFamily.InterNetwork, "capable", port);
        var connect = ConvertOctets.ConnectTlv(Lab.AddressOf("capable", AddressFamily.InterNetwork), port, 30, 2, 4, 2);
        using var client = Open(AddressFamily.InterNetwork, ConvertOctets.Message(ConvertOctets.Info, connect));
        var answer = await ReceiveMessageAsync(client);
        Assert.That(ConvertOctets.Find(answer, ConvertOctets.Supported), Is.EqualTo(new byte[] { 0x15, 2, 0, 0, 30, 4, 8, 0 }));
        Assert.That(ConvertOctets.Kinds(ConvertOctets.Find(answer, ConvertOctets.Extended)), Does.Contain(Mptcp));
    }
}
