using System.Net.Sockets;
using Middlebox.Appliance.Explain;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Explain;

/// <summary>Connections that stay without MPTCP although the policy says serve.</summary>
public sealed class KeptOutTests() : ExplainLabFixture("one-proxy")
{
    private const int LimitedPort = 7010;

    protected override Topology Adapt(Topology shipped) => (shipped with
    {
        Boxes = [.. shipped.Boxes.Select(box => box.WithSettings(new Dictionary<string, string>
        {
            ["Middlebox:Policy:Rules:0:Ports"] = $"{LimitedPort}",
            ["Middlebox:Policy:Rules:0:Action"] = "Serve",
            ["Middlebox:Policy:Rules:0:MaxFlows"] = "1",
            ["Middlebox:Negotiation:ClientTimeout"] = "00:00:01",
        }))],
    }).WithInsistentClient();

    [Test]
    public async Task AsManyConnectionsAsTheRuleAllows_BoxCouldNotAct()
    {
        using var first = await ConnectAndGreetAsync(LimitedPort);
        using var limited = Lab["client"].CreateTcpSocket(AddressFamily.InterNetwork, mptcp: true);
        await limited.ConnectAsync(Lab.EndpointOf("legacy", AddressFamily.InterNetwork, LimitedPort), Deadline);

        var finding = (await ExplainAsync($"{limited.LocalEndPoint}")).Findings.Single();
        Assert.That(finding.Cause, Is.EqualTo(Cause.BoxCouldNotAct));
        Assert.That(finding.Detail, Does.Contain("as many connections are held as the configuration allows"));
    }

    // The box's SYN/ACK does not get through, the server's did not have to.
    [Test]
    public async Task AnswerOfTheBoxIsDropped_ClientNeverCompletes()
    {
        const string Rule = "OUTPUT -o wifi -p tcp --sport 7000 --tcp-flags SYN,ACK SYN,ACK -j DROP";
        using var listener = Connection.Listen(Lab, AddressFamily.InterNetwork, "legacy", 7000);
        await RunAsync(Box, $"iptables -I {Rule}");
        try
        {
            using var client = Lab["client"].CreateTcpSocket(AddressFamily.InterNetwork, mptcp: true);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
            var connecting = client.ConnectAsync(Lab.EndpointOf("legacy", AddressFamily.InterNetwork, 7000), end.Token).AsTask();
            await Condition.WaitAsync(
                async () => (await ExplainAsync("198.18.1.2", "198.18.10.2:7000")).Findings.Any(finding => finding.Cause == Cause.ClientNeverCompletes),
                Patience, "the box finds it", Deadline);
            await end.CancelAsync();
            await connecting.ContinueWith(_ => { }, TaskScheduler.Default);
        }
        finally
        {
            await RunAsync(Box, $"iptables -D {Rule}");
        }
    }

    [Test]
    public async Task FirewallDropsMpCapable_ServerDropsMpCapable()
    {
        const string Rule = "INPUT -p tcp --syn --tcp-option 30 -j DROP";
        await RunAsync(Legacy, $"iptables -I {Rule}");
        try
        {
            using var connection = await ConnectAsync(AddressFamily.InterNetwork);
            await CauseAsync(Cause.ServerDropsMpCapable, connection);
        }
        finally
        {
            await RunAsync(Legacy, $"iptables -D {Rule}");
        }
    }
}
