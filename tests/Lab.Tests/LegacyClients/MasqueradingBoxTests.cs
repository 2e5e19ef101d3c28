using System.Net.Sockets;
using Middlebox.Lab.Tests.Masquerade;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>The box hides its clients behind its uplinks' addresses, filters statefully and lets nothing in.</summary>
public sealed class MasqueradingBoxTests : LegacyClientFixture
{
    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string> { ["Middlebox:Negotiation:ServerTimeout"] = "00:00:02" },
    };

    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Hosts =
        [
            .. shipped.Hosts.Select(host => host.Name == "box" ? host with { Nat = new AddressTranslation(["dsl", "lte"], DropInvalid: true) } : host),
        ],
    };

    protected override Task PrepareAsync() => Administrator.CloseInputAsync(Box);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Capable_server_is_reached_over_both_uplinks_at_the_first_and_the_second_connection(AddressFamily family)
    {
        var port = NewPort();
        for (var i = 0; i < 2; i++)
        {
            await IdleAsync();
            using var connection = await ConnectAsync(family, "capable", port);
            await connection.GreetAsync(Deadline);
            Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);
            Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("box", family, "dsl")));
            await AssertBytesArriveAsync(connection);
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_is_left_alone(AddressFamily family)
    {
        var port = NewPort();
        var before = await IdleAsync();
        for (var i = 0; i < 2; i++)
        {
            using var connection = await ConnectAsync(family, "legacy", port);
            await AssertBytesArriveAsync(connection);
        }

        var after = await IdleAsync();
        Assert.That(after.TotalFlows, Is.EqualTo(before.TotalFlows));
        Assert.That(after.Released("offerDeclined") - before.Released("offerDeclined"), Is.EqualTo(1));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Closed_port_is_refused_whatever_is_known_of_it(AddressFamily family)
    {
        var port = await KnownPortAsync(family);
        var before = await IdleAsync();
        for (var i = 0; i < 2; i++)
        {
            using var socket = Client.CreateTcpSocket(family, mptcp: false);
            var refused = await Assert.ThrowsAsync<SocketException>(
                async () => await socket.ConnectAsync(Lab.EndpointOf("capable", family, port), Deadline));
            Assert.That(refused!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        }

        Assert.That((await IdleAsync()).Released("dialFailed") - before.Released("dialFailed"), Is.EqualTo(1));
    }

    // The refused dial and the client's own SYN have the same addresses and ports, and only one of them is the box's.
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_that_comes_back_after_a_refusal_is_served_again(AddressFamily family)
    {
        const int ClientPort = 31_000;
        var port = await KnownPortAsync(family);
        using (var socket = Client.CreateTcpSocket(family, mptcp: false))
        {
            socket.Bind(new System.Net.IPEndPoint(Lab.AddressOf("client", family), ClientPort));
            await Assert.ThrowsAsync<SocketException>(
                async () => await socket.ConnectAsync(Lab.EndpointOf("capable", family, port), Deadline));
        }

        using var connection = await ConnectAsync(family, "capable", port, ClientPort);
        await connection.GreetAsync(Deadline);
        Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);
    }
}
