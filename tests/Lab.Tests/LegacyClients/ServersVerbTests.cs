using System.Net.Sockets;
using System.Text.Json;
using Middlebox.Lab.Tests.Serving;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>What the box has learnt can be looked at and forgotten.</summary>
public sealed class ServersVerbTests : LegacyClientFixture
{
    [Test]
    public async Task Servers_lists_what_was_learnt_and_clear_forgets_it()
    {
        (await Box.AskAsync(Deadline, "servers", "--clear")).RequireSuccess();
        var port = await KnownPortAsync(AddressFamily.InterNetworkV6);
        using (var legacy = await ConnectAsync(AddressFamily.InterNetwork, "legacy", port))
            await legacy.GreetAsync(Deadline);

        var listed = JsonElement.Parse((await Box.AskAsync(Deadline, "servers", "--json")).RequireSuccess());
        Assert.That(
            listed.EnumerateArray().Select(server => (server.GetProperty("server").GetString(), server.GetProperty("capability").GetString())),
            Is.EqualTo(new[] { ($"198.18.10.2:{port}", "legacy"), ($"[2001:db8:11::2]:{port}", "capable") }));
        Assert.That((await Box.AskAsync(Deadline, "servers")).RequireSuccess(), Does.Contain($"[2001:db8:11::2]:{port}  speaks MPTCP"));

        Assert.That((await Box.AskAsync(Deadline, "servers", "--clear")).RequireSuccess().Trim(), Is.EqualTo("2 servers forgotten"));
        Assert.That((await Box.AskAsync(Deadline, "servers")).RequireSuccess().Trim(), Is.EqualTo("0 servers"));
    }

    [Test]
    public async Task Flows_names_the_side_that_speaks_MPTCP()
    {
        using var connection = await ConnectAsync(AddressFamily.InterNetwork, "capable", NewPort());
        await connection.GreetAsync(Deadline);
        await FlowAsync(subflows: 2);

        var flows = (await Box.AskAsync(Deadline, "flows")).RequireSuccess();

        Assert.That(flows, Does.Contain("TCP to MPTCP"));
        Assert.That(flows, Does.Contain($"subflow {connection.ClientAddress} > {connection.Client.RemoteEndPoint}"));
    }
}
