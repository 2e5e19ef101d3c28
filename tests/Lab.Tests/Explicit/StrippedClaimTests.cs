using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>A middlebox between two explicit boxes strips their claims: what is left is the implicit scheme.</summary>
public sealed class StrippedClaimTests() : ServingLabFixture("stripper")
{
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_the_last_one_acts_and_the_first_lets_go(AddressFamily family)
    {
        var (first, last) = (await Lab["p1"].StatusAsync(Deadline), await Lab["p2"].StatusAsync(Deadline));
        using var capture = new HandshakeCapture(Client);
        using var connection = await ConnectOverBothAccessesAsync(family);

        var firstAfter = await StatusWhenAsync(status => status.Contexts == 0, "the first has let go", Lab["p1"]);
        var lastAfter = await Lab["p2"].StatusAsync(Deadline);
        Assert.That(firstAfter.Claims("claimed") - first.Claims("claimed"), Is.EqualTo(1));
        Assert.That(firstAfter.Released("serverCapable") - first.Released("serverCapable"), Is.EqualTo(1));
        Assert.That(firstAfter.TotalFlows, Is.EqualTo(first.TotalFlows));
        Assert.That(lastAfter.Claims("claimed") - last.Claims("claimed"), Is.EqualTo(1));
        Assert.That(lastAfter.TotalFlows - last.TotalFlows, Is.EqualTo(1));
        Assert.That((await capture.SynAckAsync(connection.ClientAddress.Port, Deadline)).Claim, Is.Empty);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Capable_server_nobody_acts(AddressFamily family)
    {
        using var connection = await ConnectAsync(family, "capable");
        await connection.GreetAsync(Deadline);

        foreach (var box in Boxes)
        {
            var status = await IdleAsync(box);
            Assert.That(status.Released("serverCapable"), Is.GreaterThan(0), box.Name);
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Without_that_middlebox_the_first_one_acts(AddressFamily family)
    {
        var (first, last) = (await Lab["p1"].StatusAsync(Deadline), await Lab["p2"].StatusAsync(Deadline));
        await Lab["stripper"].StopElementAsync(Deadline);
        try
        {
            using var connection = await ConnectAsync(family);
            await connection.GreetAsync(Deadline);
            var firstAfter = await StatusWhenAsync(status => status.ActiveFlows == 1, "the first relays", Lab["p1"]);
            var lastAfter = await Lab["p2"].StatusAsync(Deadline);
            Assert.That(firstAfter.TotalFlows - first.TotalFlows, Is.EqualTo(1));
            Assert.That(lastAfter.ContextsCreated, Is.EqualTo(last.ContextsCreated));
            Assert.That(lastAfter.Bypassed("claimedByOther") - last.Bypassed("claimedByOther"), Is.EqualTo(1));
        }
        finally
        {
            await Lab["stripper"].StartElementAsync(Deadline);
        }
    }
}
