using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>Boxes of both schemes on one path, in either order: the last one acts, because it is nearer the server.</summary>
[TestFixture("mixed-implicit-explicit")]
[TestFixture("mixed-explicit-implicit")]
public sealed class MixedSchemesTests(string topology) : ServingLabFixture(topology)
{
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_exactly_the_last_one_acts(AddressFamily family)
    {
        var (first, last) = (await Lab["p1"].StatusAsync(Deadline), await Box.StatusAsync(Deadline));

        using (await ConnectOverBothAccessesAsync(family))
        {
            var firstAfter = await StatusWhenAsync(status => status.Contexts == 0, "the first has let go", Lab["p1"]);
            var lastAfter = await Box.StatusAsync(Deadline);
            Assert.That(firstAfter.ContextsCreated - first.ContextsCreated, Is.EqualTo(1));
            Assert.That(firstAfter.Released("serverCapable") - first.Released("serverCapable"), Is.EqualTo(1));
            Assert.That(firstAfter.TotalFlows, Is.Zero);
            Assert.That(lastAfter.TotalFlows - last.TotalFlows, Is.EqualTo(1));
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Capable_server_nobody_acts(AddressFamily family)
    {
        var joins = Lab["capable"].Counter("MPTcpExtMPJoinAckRx");
        using var connection = await ConnectAsync(family, "capable");
        await connection.GreetAsync(Deadline);

        await Condition.WaitAsync(
            () => Lab["capable"].Counter("MPTcpExtMPJoinAckRx") == joins + 1, Patience, "the second access joins", Deadline);
        foreach (var box in Boxes)
            Assert.That((await box.StatusAsync(Deadline)).ActiveFlows, Is.Zero, box.Name);
    }
}
