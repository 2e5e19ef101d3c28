using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Truthfulness;

/// <summary>A client without MPTCP is none of the box's business.</summary>
[TestFixture("one-proxy")]
[TestFixture("masquerade")]
public sealed class PlainClientTests(string topology) : ServingLabFixture(topology)
{
    [TestCase(AddressFamily.InterNetwork, "legacy")]
    [TestCase(AddressFamily.InterNetworkV6, "legacy")]
    [TestCase(AddressFamily.InterNetwork, "capable")]
    [TestCase(AddressFamily.InterNetworkV6, "capable")]
    public async Task Plain_TCP_client_is_untouched(AddressFamily family, string server)
    {
        var before = await Box.StatusAsync(Deadline);
        using var connection = await ConnectAsync(family, to: server, mptcp: false);

        var receiving = ByteStream.ReceiveAsync(connection.Server, Deadline);
        var sent = await ByteStream.SendAllAsync(connection.Client, 1_000_000, Deadline);

        Assert.That(await receiving, Is.EqualTo(sent));
        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.ContextsCreated, Is.EqualTo(before.ContextsCreated));
        Assert.That(after.TotalFlows, Is.EqualTo(before.TotalFlows));
        Assert.That(after.Queued, Is.EqualTo(before.Queued), "none of its packets has waited for the box");
        Assert.That(await Box.FlowsAsync(Deadline), Is.Empty);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Plain_TCP_client_closed_port_is_refused(AddressFamily family)
    {
        var before = await Box.StatusAsync(Deadline);
        using var socket = Client.CreateTcpSocket(family, mptcp: false);

        var refused = await Assert.ThrowsAsync<SocketException>(
            async () => await socket.ConnectAsync(Lab.EndpointOf("legacy", family, 7999), Deadline));

        Assert.That(refused!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        Assert.That((await Box.StatusAsync(Deadline)).Queued, Is.EqualTo(before.Queued));
    }
}
