using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Election;

/// <summary>A legacy server behind several boxes: the one nearest to it acts.</summary>
[TestFixture("two-proxies")]
[TestFixture("three-proxies")]
public sealed class NearestToServerTests(string topology) : ServingLabFixture(topology)
{
    private const long Amount = 5_000_000;

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_only_the_nearest_box_acts(AddressFamily family)
    {
        var others = Boxes.SkipLast(1).ToList();
        var before = await Box.StatusAsync(Deadline);
        var othersBefore = await Task.WhenAll(others.Select(box => box.StatusAsync(Deadline)));
        using var connection = await ConnectOverBothAccessesAsync(family);

        var receiving = ByteStream.ReceiveAsync(connection.Server, Deadline);
        var sent = await ByteStream.SendAllAsync(connection.Client, Amount, Deadline);

        Assert.That(await receiving, Is.EqualTo(sent));
        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress));
        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.TotalFlows - before.TotalFlows, Is.EqualTo(1));
        Assert.That(after.Released("serverCapable"), Is.Zero);
        for (var i = 0; i < others.Count; i++)
        {
            var status = await others[i].StatusAsync(Deadline);
            Assert.That(status.ContextsCreated - othersBefore[i].ContextsCreated, Is.EqualTo(1), others[i].Name);
            Assert.That(
                status.Released("serverCapable") - othersBefore[i].Released("serverCapable"), Is.EqualTo(1), others[i].Name);
            Assert.That((status.Contexts, status.TotalFlows), Is.EqualTo((0L, 0L)), others[i].Name);
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Closed_port_every_box_lets_go_of_the_refused_connection(AddressFamily family)
    {
        var before = await Task.WhenAll(Boxes.Select(box => box.StatusAsync(Deadline)));
        using var socket = Client.CreateTcpSocket(family, mptcp: true);

        var refused = await Assert.ThrowsAsync<SocketException>(
            async () => await socket.ConnectAsync(Lab.EndpointOf("legacy", family, 7999), Deadline));

        Assert.That(refused!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
        var after = await Task.WhenAll(Boxes.Select(box => box.StatusAsync(Deadline)));
        for (var i = 0; i < after.Length; i++)
        {
            Assert.That(after[i].Contexts, Is.Zero);
            Assert.That(after[i].Released("serverRefused") - before[i].Released("serverRefused"), Is.EqualTo(1));
        }
    }
}
