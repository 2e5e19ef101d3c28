using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Bonding;

/// <summary>Base of tests of two boxes that bond two links between a client and a server that speak plain TCP.</summary>
/// <param name="hasThirdBox">Whether there is one more box between the two, on the first of the links.</param>
public abstract class BondingFixture(bool hasThirdBox) : ServingLabFixture("bonding")
{
    /// <summary>The one that dials.</summary>
    protected override LabHost Box => Lab["a"];

    /// <summary>The one that acts for the server.</summary>
    protected LabHost Acting => Lab["b"];

    protected override Topology Adapt(Topology shipped) => hasThirdBox
        ? shipped with { Boxes = [.. shipped.Boxes, shipped.Boxes.Single(box => box.Host == "b") with { Host = "router" }] }
        : shipped;

    /// <summary>Connects, and returns when both links are used.</summary>
    protected async Task<Connection> ConnectAsync(AddressFamily family)
    {
        var connection = await ConnectAsync(family, mptcp: false);
        await connection.GreetAsync(Deadline);
        await FlowAsync(subflows: 2);
        return connection;
    }

    /// <summary>The box between the two, if there is one, has relayed nothing.</summary>
    protected async Task RequireNothingOfThirdBoxAsync()
    {
        if (hasThirdBox)
            Assert.That((await Lab["router"].StatusAsync(Deadline)).TotalFlows, Is.Zero);
    }
}
