using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Paths;

/// <summary>
/// A narrow link that neither end of a leg touches: the routers' errors (RFC 1191, RFC 8201) go to the server's address,
/// and the box must take them as its own.
/// </summary>
public sealed class PathMtuTests() : ServingLabFixture("three-proxies")
{
    private const long Amount = 10_000_000;

    // Between the first box and the second; the third one acts, two hops away.
    protected override Topology Adapt(Topology shipped) => shipped.WithMtu("hop1", 1400);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Download_over_a_narrow_link_between_client_and_box(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);

        var receiving = ByteStream.ReceiveAsync(connection.Client, Deadline);
        var sent = await ByteStream.SendAllAsync(connection.Server, Amount, Deadline);

        Assert.That(await receiving, Is.EqualTo(sent));
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows, Is.Positive);
        Assert.That(Errors(family), Is.Positive, "errors that the second box has sent");
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Upload_over_a_narrow_link_between_client_and_box(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);

        var receiving = ByteStream.ReceiveAsync(connection.Server, Deadline);
        var sent = await ByteStream.SendAllAsync(connection.Client, Amount, Deadline);

        Assert.That(await receiving, Is.EqualTo(sent));
    }

    // Without this the test would pass over a path that is not narrow.
    private long Errors(AddressFamily family) => family == AddressFamily.InterNetwork
        ? Lab["p2"].Counter("IpFragFails")
        : Lab["p2"].Counter("Icmp6OutPktTooBigs");
}
