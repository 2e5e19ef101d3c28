using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Paths;

/// <summary>A second access that does not cross the box reaches the address that the box announces (ADD_ADDR).</summary>
public sealed class AnnouncedAddressTests() : ServingLabFixture("off-path-second-access")
{
    private const long Amount = 8_000_000;
    private const int AnnouncedPort = 8684;

    protected override LabOptions Options =>
        new() { Rates = new Dictionary<string, LinkRate> { ["wifi"] = Rate("50mbit"), ["lte"] = Rate("50mbit") } };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Second_access_joins_at_the_announced_address_and_carries_data(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);
        var flow = await FlowAsync(subflows: 2);
        var (sentByLte, receivedByLte) = (Client.SentBytes("lte"), Client.ReceivedBytes("lte"));

        await TransferAsync(connection.Client, connection.Server);
        await TransferAsync(connection.Server, connection.Client);

        // Also for a connection of IPv6: Linux 6.18 has no room for an ADD_ADDR with an IPv6 address and a port beside the
        // timestamps (counter MPTcpExtAddAddrTxDrop), and the client, which has both families, takes the IPv4 address.
        var announced = Lab.EndpointOf("box", AddressFamily.InterNetwork, AnnouncedPort, "backhaul").ToString();
        var second = flow.Subflows.Single(subflow => subflow.Local == announced);
        Assert.That(second.Remote, Does.StartWith($"{Lab.AddressOf("client", AddressFamily.InterNetwork, "lte")}:"));
        Assert.That(
            flow.Subflows, Has.One.EqualTo((Lab.EndpointOf("legacy", family, 7000).ToString(), flow.Client)));
        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress));
        Assert.That(Client.SentBytes("lte") - sentByLte, Is.GreaterThan(Amount / 5));
        Assert.That(Client.ReceivedBytes("lte") - receivedByLte, Is.GreaterThan(Amount / 5));
    }

    private async Task TransferAsync(Socket from, Socket to)
    {
        var receiving = ByteStream.ReceiveAsync(to, Deadline, atMost: Amount);
        var sent = await ByteStream.SendAsync(from, Amount, Deadline);
        Assert.That(await receiving, Is.EqualTo(sent));
    }
}
