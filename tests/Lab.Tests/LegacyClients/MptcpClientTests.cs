using System.Net.Sockets;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>A box that upgrades clients leaves those alone that speak MPTCP: the one scheme or the other decides, as ever.</summary>
[TestFixture("Implicit")]
[TestFixture("Explicit")]
public sealed class MptcpClientTests(string mode) : LegacyClientFixture
{
    private const int ProxyId = 5;

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:Mode"] = mode,
            ["Middlebox:Explicit:ProxyId"] = $"{ProxyId}",
            ["Middlebox:Explicit:AcceptUnsigned"] = "true",
        },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Capable_server_known_as_such_client_and_server_speak_MPTCP_by_themselves(AddressFamily family)
    {
        var port = await KnownPortAsync(family);
        var before = await IdleAsync();
        using var connection = await ConnectAsync(family, "capable", mptcp: true, port);
        await connection.GreetAsync(Deadline);

        var after = await IdleAsync();
        Assert.That(after.Released("serverCapable") - before.Released("serverCapable"), Is.EqualTo(1));
        Assert.That(after.Claims("claimed") - before.Claims("claimed"), Is.EqualTo(mode == "Explicit" ? 1 : 0));
        Assert.That(after.TotalFlows, Is.EqualTo(before.TotalFlows));
        await AssertBytesArriveAsync(connection);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_known_as_such_the_box_acts_for_it(AddressFamily family)
    {
        var port = NewPort();
        using (var plain = await ConnectAsync(family, "legacy", port))
            await plain.GreetAsync(Deadline);
        await IdleAsync();

        using var connection = await ConnectAsync(family, "legacy", mptcp: true, port);
        await connection.GreetAsync(Deadline);

        var flow = await FlowAsync(subflows: 1);
        Assert.That((flow.IsMptcp, flow.Reason), Is.EqualTo((true, "serverLegacy")));
        Assert.That(flow.Claim?.ProxyId, Is.EqualTo(mode == "Explicit" ? ProxyId : (int?)null));
        Assert.That(connection.ClientAddressAtServer, Is.EqualTo(connection.ClientAddress));
        await AssertBytesArriveAsync(connection);
    }
}
