using System.Net.Sockets;
using System.Text.Json.Nodes;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>The uplinks of the box follow its interfaces and its configuration, and running connections follow the uplinks.</summary>
public sealed class UplinkTests : UplinkFixture
{
    private const string RemovalsHeard = "MPTcpExtRmAddr";
    private const string JoinsTaken = "MPTcpExtMPJoinAckRx";
    private const string PrioritiesHeard = "MPTcpExtMPPrioRx";

    // What happens to the link, and on which host.
    [TestCase(AddressFamily.InterNetwork, "box", "down")]
    [TestCase(AddressFamily.InterNetworkV6, "box", "down")]
    [TestCase(AddressFamily.InterNetwork, "core", "down")]
    [TestCase(AddressFamily.InterNetworkV6, "core", "down")]
    [TestCase(AddressFamily.InterNetwork, "box", "renumbered")]
    [TestCase(AddressFamily.InterNetworkV6, "box", "renumbered")]
    public async Task Link_that_goes_and_comes_back_is_signalled_to_running_connections(AddressFamily family, string host, string what)
    {
        using var connection = await ConnectAsync(family, subflows: 2);
        var removals = Capable.Counter(RemovalsHeard);
        var address = Lab.AddressOf("box", family, Uplink);

        if (what == "down")
            await RunAsync(host, ["link", "set", "dev", Uplink, "down"]);
        else
            await RunAsync(host, ["address", "flush", "dev", Uplink, "scope", "global"]);
        await GrowthAsync(RemovalsHeard, removals);
        await FlowAsync(subflows: 1);
        Assert.That(await EndpointsAsync(), Does.Not.Contain($"{address} "));
        await connection.GreetAsync(Deadline);
        var joins = Capable.Counter(JoinsTaken);

        await RunAsync(host, ["link", "set", "dev", Uplink, "up"]);
        await SetUpAsync("box", Uplink);
        await SetUpAsync("core", Uplink);
        await GrowthAsync(JoinsTaken, joins);
        var flow = await FlowAsync(subflows: 2);
        Assert.That(flow.Subflows.Select(subflow => subflow.Local), Has.One.Contains($"{address}"));
        await connection.GreetAsync(Deadline);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Configuration_takes_an_uplink_away_and_gives_it_back(AddressFamily family)
    {
        using var connection = await ConnectAsync(family, subflows: 2);
        var removals = Capable.Counter(RemovalsHeard);

        await ConfigureAsync();
        await GrowthAsync(RemovalsHeard, removals);
        await FlowAsync(subflows: 1);
        Assert.That(await EndpointsAsync(), Is.Empty);
        await connection.GreetAsync(Deadline);

        await ConfigureAsync(new JsonObject { ["Address"] = $"{Lab.AddressOf("box", family, Uplink)}" });
        await FlowAsync(subflows: 2);
        await connection.GreetAsync(Deadline);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Configuration_makes_an_uplink_a_backup_and_the_server_hears_of_it(AddressFamily family)
    {
        using var connection = await ConnectAsync(family, subflows: 2);
        var heard = Capable.Counter(PrioritiesHeard);

        await ConfigureAsync(new JsonObject { ["Device"] = Uplink, ["Backup"] = true });

        await GrowthAsync(PrioritiesHeard, heard);
        Assert.That(await EndpointsAsync(), Does.Match($"{Lab.AddressOf("box", family, Uplink)} .*backup"));
        await FlowAsync(subflows: 2);
        await connection.GreetAsync(Deadline);
    }

    [Test]
    public async Task Configuration_limits_the_subflows()
    {
        await ReloadAsync(Box, section => section["ProxyEngine"]!["MaxSubflows"] = 3);
        Assert.That((await Box.RunAsync("ip", "mptcp", "limits")).RequireSuccess(), Does.Contain("subflows 3"));
        await ReloadAsync(Box, _ => { });
        Assert.That((await Box.RunAsync("ip", "mptcp", "limits")).RequireSuccess(), Does.Contain("subflows 4"));
    }

    [Test]
    public async Task Endpoint_of_the_administrator_stays_as_he_has_made_it()
    {
        const string Own = "198.18.4.1 id 7 subflow backup dev lte";
        await ConfigureAsync();
        await RunAsync("box", ["mptcp", "endpoint", "add", .. Own.Split(' ')]);
        try
        {
            await ConfigureAsync(new JsonObject { ["Device"] = Uplink });
            Assert.That(await EndpointsAsync(), Does.Contain(Own).And.Contain("2001:db8:4::1 "));
            Assert.That(Box.BoxLog, Does.Contain("198.18.4.1 on lte is an endpoint already"));
            await Box.StopBoxAsync(Deadline);
            Assert.That((await EndpointsAsync()).Trim(), Is.EqualTo(Own));
        }
        finally
        {
            await RunAsync("box", ["mptcp", "endpoint", "delete", "id", "7"]);
            await Box.StartBoxAsync(Deadline);
        }
    }

    // The server announces a second address, and the box's kernel opens a subflow to it from where the route leads.
    [Test]
    public async Task Endpoint_that_the_kernel_has_made_becomes_an_uplink()
    {
        await ConfigureAsync();
        await RunAsync("box", ["mptcp", "limits", "set", "add_addr_accepted", "1"]);
        await RunAsync("capable", ["address", "add", "198.18.11.3/24", "dev", "capable"]);
        await RunAsync("capable", ["mptcp", "endpoint", "add", "198.18.11.3", "signal"]);
        try
        {
            using var connection = await ConnectAsync(AddressFamily.InterNetwork, subflows: 2);
            Assert.That(await EndpointsAsync(), Does.Contain("198.18.3.1 id ").And.Not.Contain("subflow"));

            await ConfigureAsync(new JsonObject { ["Device"] = "dsl", ["Backup"] = true });

            Assert.That(await EndpointsAsync(), Does.Match("198.18.3.1 id .* subflow backup dev dsl"));
            await connection.GreetAsync(Deadline);
        }
        finally
        {
            await RunAsync("capable", ["mptcp", "endpoint", "flush"]);
            await RunAsync("capable", ["address", "del", "198.18.11.3/24", "dev", "capable"]);
            await RunAsync("box", ["mptcp", "limits", "set", "add_addr_accepted", "0"]);
        }
    }

    // An endpoint with a port is another one than that of the address alone.
    [Test]
    public async Task Address_may_be_announced_and_an_uplink()
    {
        await ReloadAsync(Box, section =>
        {
            section["ProxyEngine"]!["AnnouncedAddresses"] = new JsonArray("198.18.4.1");
            section["ProxyEngine"]!["Uplinks"] = new JsonArray(new JsonObject { ["Address"] = "198.18.4.1" });
        });
        Assert.That(await EndpointsAsync(), Does.Contain("198.18.4.1 port 8684 ").And.Match("198.18.4.1 id .* subflow dev lte"));
        using var connection = await ConnectAsync(AddressFamily.InterNetwork, "capable", mptcp: false);
        await connection.GreetAsync(Deadline);
        await Condition.WaitAsync(
            async () => (await Box.FlowsAsync(Deadline)).Single().Subflows.Any(subflow => subflow.Local.StartsWith("198.18.4.1:")),
            Patience, "a subflow from the uplink", Deadline);
        await connection.GreetAsync(Deadline);
    }

    [Test]
    public async Task Uplinks_are_gone_after_the_end_also_after_a_crash()
    {
        await Box.KillBoxAsync(Deadline);
        Assert.That(await EndpointsAsync(), Does.Contain("198.18.4.1 ").And.Contain("2001:db8:4::1 "));
        await Box.StartBoxAsync(Deadline);
        Assert.That(await EndpointsAsync(), Does.Contain("198.18.4.1 ").And.Contain("2001:db8:4::1 "));

        await Box.StopBoxAsync(Deadline);
        var left = await EndpointsAsync();
        await Box.StartBoxAsync(Deadline);

        Assert.That(left, Is.Empty);
        Assert.That(Box.BoxLog, Does.Not.Contain("Not restored"));
    }

    // The kernel opens subflows from all of its endpoints, whichever side has begun the connection.
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task MPTCP_client_is_not_dialled_from_an_uplink(AddressFamily family)
    {
        await ConfigureAsync();
        using var connection = await ConnectAsync(family);
        await connection.GreetAsync(Deadline);
        var tried = Box.Counter("MPTcpExtMPJoinSynTx");

        await ConfigureAsync(new JsonObject { ["Device"] = Uplink });

        await Condition.WaitAsync(() => Box.Counter("MPTcpExtMPJoinSynTx") > tried, Patience, "the kernel tries to", Deadline);
        await Condition.WaitAsync(
            async () => (await Box.RunAsync("ss", "-Htn", "state", "syn-sent")).RequireSuccess().Trim().Length == 0,
            TimeSpan.FromSeconds(2), "no attempt is under way", Deadline);
        await FlowAsync(subflows: 1);
        await connection.GreetAsync(Deadline);
    }
}
