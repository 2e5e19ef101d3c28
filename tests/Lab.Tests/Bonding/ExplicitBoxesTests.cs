using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Bonding;

/// <summary>
/// The box at the servers' end acts by the explicit scheme: the one that dials claims nothing, whatever its own mode, and so leaves the connection to it.
/// </summary>
[TestFixture(false)]
[TestFixture(true)]
public sealed class ExplicitBoxesTests(bool bothAreExplicit) : BondingFixture(hasThirdBox: false)
{
    private const int ProxyId = 2;

    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Boxes = [.. shipped.Boxes.Select(box => box.Host == "b" || bothAreExplicit ? box.WithSettings(Explicit(box)) : box)],
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Box_of_the_servers_claims_the_connection_and_acts(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);

        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress));
        var dialled = (await Box.FlowsAsync(Deadline)).Single();
        Assert.That((dialled.IsMptcp, dialled.Reason, dialled.Claim), Is.EqualTo((true, "serverKnownCapable", ((int, int)?)null)));
        var acting = (await Acting.FlowsAsync(Deadline)).Single();
        Assert.That((acting.IsMptcp, acting.Reason, acting.Subflows.Count), Is.EqualTo((true, "serverLegacy", 2)));
        Assert.That(acting.Claim?.ProxyId, Is.EqualTo(ProxyId));
        await connection.GreetAsync(Deadline);
    }

    private static Dictionary<string, string> Explicit(BoxPlacement box) => new()
    {
        ["Middlebox:Mode"] = "Explicit",
        ["Middlebox:Explicit:ProxyId"] = box.Host == "b" ? $"{ProxyId}" : "1",
        ["Middlebox:Explicit:AcceptUnsigned"] = "true",
    };
}
