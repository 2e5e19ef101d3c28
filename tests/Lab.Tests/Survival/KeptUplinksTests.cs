using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>A daemon that takes over finds the uplinks as they are: connections keep their paths, and at the end all is put back.</summary>
public sealed class KeptUplinksTests() : KeptBoxFixture("legacy-client")
{
    private LabHost Capable => Lab["capable"];

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Daemon_killed_connection_of_a_legacy_client_keeps_both_subflows(AddressFamily family)
    {
        using var connection = await ConnectAsync(family, "capable", mptcp: false);
        await connection.GreetAsync(Deadline);
        var subflows = (await FlowAsync(subflows: 2)).Subflows;
        var removals = Capable.Counter("MPTcpExtRmAddr");
        using var transfer = new Transfer(connection, TimeSpan.FromMilliseconds(20), Deadline);

        await KillDaemonAsync();
        await NextDaemonAsync();
        var seen = transfer.Received;
        await Condition.WaitAsync(() => transfer.Received > seen, Patience, "the transfer goes on", Deadline);

        Assert.That((await FlowAsync(subflows: 2)).Subflows, Is.EquivalentTo(subflows));
        Assert.That(Capable.Counter("MPTcpExtRmAddr"), Is.EqualTo(removals));
        await transfer.FinishAsync();
    }

    [Test]
    public async Task Daemon_killed_the_next_one_follows_the_link_and_takes_the_uplinks_away_at_the_end()
    {
        await KillDaemonAsync();
        await NextDaemonAsync();
        Assert.That(await EndpointsAsync(), Does.Contain("198.18.4.1 ").And.Contain("2001:db8:4::1 "));

        (await Lab["core"].RunAsync("ip", "link", "set", "dev", "lte", "down")).RequireSuccess();
        await Condition.WaitAsync(async () => (await EndpointsAsync()).Length == 0, Patience, "the uplink is gone", Deadline);
        (await Lab["core"].RunAsync("ip", "link", "set", "dev", "lte", "up")).RequireSuccess();
        await Condition.WaitAsync(async () => (await EndpointsAsync()).Contains("198.18.4.1 "), Patience, "the uplink is back", Deadline);

        await Box.StopBoxAsync(Deadline);
        var left = await EndpointsAsync();
        await Box.StartBoxAsync(Deadline);

        Assert.That(left, Is.Empty);
        Assert.That(Box.BoxLog, Does.Not.Contain("Not restored"));
    }

    private async Task<string> EndpointsAsync() => (await Box.RunAsync("ip", "mptcp", "endpoint", "show")).RequireSuccess();
}
