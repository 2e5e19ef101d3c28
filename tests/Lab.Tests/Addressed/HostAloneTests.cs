using System.Net.Sockets;
using System.Text.Json.Nodes;
using Middlebox.Lab.Tests.Explicit;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>A host whose own connections go over a proxy, and that serves nobody else: no connection ends at its box, and it pays for nothing that would need.</summary>
public sealed class HostAloneTests() : ReloadLabFixture("addressed-host")
{
    protected override LabHost Box => Lab["client"];

    [Test]
    public async Task Changes_no_more_on_the_host_than_its_own_connections_need()
    {
        var rules = await HostState.RulesAsync(Client);
        Assert.That(rules, Does.Contain("MBX-HOST").And.Not.Contain("-m socket").And.Not.Contain("TPROXY").And.Not.Contain("--notrack"));
        Assert.That((await Client.RunAsync("ip", "rule")).RequireSuccess(), Does.Not.Contain("fwmark"));
        Assert.That((await Client.RunAsync("sysctl", "-n", "net.ipv4.tcp_early_demux")).RequireSuccess(), Is.EqualTo("1\n"));
    }

    [Test]
    public async Task Policy_that_serves_others_is_refused_and_its_own_connections_go_on()
    {
        var before = await HostState.RulesAsync(Client);

        var log = await RefuseAsync(Client, () => ConfigurationOf(Client).Write(section =>
            section["Policy"]!["Rules"] = new JsonArray(new JsonObject { ["Action"] = "Serve" })));

        Assert.That(log, Does.Contain("Policy: ").And.Contain("middlebox upgrade"));
        Assert.That(await HostState.RulesAsync(Client), Is.EqualTo(before));
        using var connection = await ConnectAsync(AddressFamily.InterNetwork);
        await connection.GreetAsync(Deadline);
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("proxy", AddressFamily.InterNetwork)));
    }

    [Test]
    public async Task Another_policy_that_serves_nobody_comes_into_force() => await ReloadAsync(Client, section =>
        section["Policy"]!["Rules"] = new JsonArray(new JsonObject { ["Server"] = "198.18.10.0/24", ["Action"] = "Bypass" }));
}
