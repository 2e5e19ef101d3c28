using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Election;

/// <summary>Both peers speak MPTCP: every box lets go at the SYN/ACK.</summary>
[TestFixture("one-proxy")]
[TestFixture("three-proxies")]
[TestFixture("masquerade")]
public sealed class CapableServerTests(string topology) : ServingLabFixture(topology)
{
    private const long Amount = 5_000_000;

    private LabHost Capable => Lab["capable"];

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Capable_server_MPTCP_stays_end_to_end_and_no_box_holds_anything(AddressFamily family)
    {
        var before = await StatusOfBoxesAsync();
        var joins = Capable.Counter("MPTcpExtMPJoinAckRx");
        using var connection = await ConnectAsync(family, to: "capable");

        // At this moment the SYN/ACK has passed all boxes.
        var afterHandshake = await StatusOfBoxesAsync();
        await connection.GreetAsync(Deadline);
        await Condition.WaitAsync(
            () => Capable.Counter("MPTcpExtMPJoinAckRx") == joins + 1, Patience, "the server has the join", Deadline);
        var receiving = ByteStream.ReceiveAsync(connection.Server, Deadline);
        var sent = await ByteStream.SendAllAsync(connection.Client, Amount, Deadline);

        Assert.That(await receiving, Is.EqualTo(sent));
        Assert.That(afterHandshake.Select(status => status.Contexts), Is.All.Zero);
        var after = await StatusOfBoxesAsync();
        for (var box = 0; box < after.Count; box++)
        {
            Assert.That(after[box].ContextsCreated - before[box].ContextsCreated, Is.EqualTo(1));
            Assert.That(after[box].Released("serverCapable") - before[box].Released("serverCapable"), Is.EqualTo(1));
            Assert.That(after[box].Bypassed("foreignJoin") - before[box].Bypassed("foreignJoin"), Is.EqualTo(1));
            Assert.That(after[box].Contexts, Is.Zero);
            Assert.That(after[box].TotalFlows, Is.Zero);
            Assert.That(after[box].Listeners, Is.Zero);
        }
    }

    private async Task<List<BoxStatus>> StatusOfBoxesAsync()
    {
        var statuses = new List<BoxStatus>();
        foreach (var box in Boxes)
            statuses.Add(await box.StatusAsync(Deadline));
        return statuses;
    }
}
