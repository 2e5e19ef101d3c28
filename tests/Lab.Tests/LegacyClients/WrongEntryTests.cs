using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>What the box knows of a server is wrong by now: no connection suffers.</summary>
public sealed class WrongEntryTests : LegacyClientFixture
{
    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string> { ["Middlebox:Negotiation:ServerTimeout"] = "00:00:02" },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_that_is_no_longer_capable_loses_no_connection(AddressFamily family)
    {
        var port = await KnownPortAsync(family);
        var before = await IdleAsync();
        using var listener = ListenWithoutMptcp(family, port);

        using (var relayed = await ConnectAsync(family, listener, port))
        {
            await AssertBytesArriveAsync(relayed);
            Assert.That(relayed.ClientAddressAtServer, Is.EqualTo(relayed.ClientAddress));
            var flow = (await Box.FlowsAsync(Deadline)).Single();
            Assert.That(flow.IsMptcp, Is.False);
        }

        var fallen = await IdleAsync();
        Assert.That(fallen.Bypassed("dialFellBack") - before.Bypassed("dialFellBack"), Is.EqualTo(1));
        using (var offered = await ConnectAsync(family, listener, port))
            await AssertBytesArriveAsync(offered);
        var after = await IdleAsync();
        Assert.That(after.Released("offerDeclined") - fallen.Released("offerDeclined"), Is.EqualTo(1));
        Assert.That(after.TotalFlows, Is.EqualTo(fallen.TotalFlows));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_that_has_become_capable_is_served_as_TCP_until_it_is_forgotten(AddressFamily family)
    {
        var port = NewPort();
        using (var listener = ListenWithoutMptcp(family, port))
        using (var offered = await ConnectAsync(family, listener, port))
            await AssertBytesArriveAsync(offered);
        var before = await IdleAsync();

        using (var connection = await ConnectAsync(family, "capable", port))
            await AssertBytesArriveAsync(connection);
        var after = await IdleAsync();
        Assert.That(after.Bypassed("serverKnownLegacy") - before.Bypassed("serverKnownLegacy"), Is.EqualTo(1));

        (await Box.AskAsync(Deadline, "servers", "--clear")).RequireSuccess();
        using (var connection = await ConnectAsync(family, "capable", port))
        {
            // Both paths are there before the bytes: Linux may put the first ones of a path that is being joined in the wrong place (docs/reliability.md).
            await connection.GreetAsync(Deadline);
            Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);
            await AssertBytesArriveAsync(connection);
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Closed_port_is_refused_whatever_is_known_of_it(AddressFamily family)
    {
        var port = await KnownPortAsync(family);
        var before = await IdleAsync();

        await AssertRefusedAsync(family, port);
        var dialled = await IdleAsync();
        Assert.That(dialled.Released("dialFailed") - before.Released("dialFailed"), Is.EqualTo(1));
        await AssertRefusedAsync(family, port);
        var after = await IdleAsync();
        Assert.That(after.Released("serverRefused") - dialled.Released("serverRefused"), Is.EqualTo(1));
    }

    [TestCase(AddressFamily.InterNetwork, "iptables", "icmp-host-unreachable")]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables", "icmp6-addr-unreachable")]
    public async Task Server_that_cannot_be_reached_is_unreachable_whatever_is_known_of_it(
        AddressFamily family, string firewall, string answer)
    {
        var port = await KnownPortAsync(family);
        string[] rule = ["INPUT", "-p", "tcp", "--dport", $"{port}", "-j", "REJECT", "--reject-with", answer];
        (await Capable.RunAsync(firewall, ["-w", "-A", .. rule])).RequireSuccess();

        for (var attempt = 0; attempt < 2; attempt++)
            Assert.That(await FailAsync(family, port), Is.EqualTo(SocketError.HostUnreachable));
        await IdleAsync();
    }

    private async Task AssertRefusedAsync(AddressFamily family, int port) =>
        Assert.That(await FailAsync(family, port), Is.EqualTo(SocketError.ConnectionRefused));

    private async Task<SocketError> FailAsync(AddressFamily family, int port)
    {
        using var socket = Client.CreateTcpSocket(family, mptcp: false);
        var failure = await Assert.ThrowsAsync<SocketException>(
            async () => await socket.ConnectAsync(Lab.EndpointOf("capable", family, port), Deadline));
        return failure!.SocketErrorCode;
    }

    private Socket ListenWithoutMptcp(AddressFamily family, int port) => ServerSocket.Listen(Capable, family, mptcp: false, port);

    private async Task<Connection> ConnectAsync(AddressFamily family, Socket listener, int port)
    {
        var client = Client.CreateTcpSocket(family, mptcp: false);
        var accepting = listener.AcceptAsync(Deadline);
        await client.ConnectAsync(Lab.EndpointOf("capable", family, port), Deadline);
        // The listener is the test's own.
        return new Connection(client, await accepting, Client.CreateTcpSocket(family, mptcp: false));
    }
}
