using Middlebox.Appliance.Explain;
using Middlebox.Lab.Tests.Observation;

namespace Middlebox.Lab.Tests.Explain;

/// <summary>A client that does not join by itself: why the second subflow is missing.</summary>
public sealed class SecondSubflowTests() : ExplainLabFixture("one-proxy")
{
    protected override async Task PrepareAsync() => await RunAsync(Client, "ip mptcp endpoint flush");

    [Test]
    public async Task ClientWithoutEndpoint_NoJoinSeen()
    {
        using var connection = await ConnectAndGreetAsync();
        var finding = await CauseAsync(Cause.NoJoinSeen, connection);
        Assert.That(finding.Example, Is.EqualTo($"{connection.ClientAddress} > {connection.Server.LocalEndPoint}"));
        Assert.That(finding.Advice, Does.Contain("ip mptcp endpoint add ADDRESS dev DEVICE subflow"));
    }

    [Test]
    public async Task OptionsStrippedBehindTheSyn_ClientFellBack()
    {
        const string Rule = "POSTROUTING -p tcp --dport 7000 ! --syn -j TCPOPTSTRIP --strip-options 30";
        await RunAsync(Client, $"iptables -t mangle -A {Rule}");
        try
        {
            using var connection = await ConnectAndGreetAsync();
            await CauseAsync(Cause.ClientFellBack, connection);
        }
        finally
        {
            await RunAsync(Client, $"iptables -t mangle -D {Rule}");
        }
    }

    // The box's own address: the join comes in at INPUT, where no listener has the server's port.
    [Test]
    public async Task EndpointAnnouncedByHandWithoutPort_JoinMissesListener()
    {
        await RunAsync(Box, "ip mptcp endpoint add 198.18.3.2 id 7 signal");
        try
        {
            using var connection = await ConnectAndGreetAsync();
            var finding = await CauseAsync(Cause.JoinMissesListener, connection);
            Assert.That(finding.Detail, Does.Contain("198.18.3.2").And.Contain("ip mptcp endpoint delete id 7"));
        }
        finally
        {
            await RunAsync(Box, "ip mptcp endpoint delete id 7");
        }
    }

    // An address behind the box: the join is seen passing, with a token of this box and another destination.
    [Test]
    public async Task JoinToAnotherHost_JoinMissesListener()
    {
        await RunAsync(Box, "ip mptcp endpoint add 198.18.11.2 id 7 signal");
        try
        {
            using var connection = await ConnectAndGreetAsync();
            await Condition.WaitAsync(
                async () => (await Box.StatusAsync(Deadline)).Bypassed("foreignJoin") > 0, Patience, "the join passes", Deadline);
            var finding = await CauseAsync(Cause.JoinMissesListener, connection);
            Assert.That(finding.Detail, Does.Contain("went to 198.18.11.2:7000"));
        }
        finally
        {
            await RunAsync(Box, "ip mptcp endpoint delete id 7");
        }
    }

    [Test]
    public async Task PlainClient_NothingSeen()
    {
        using var connection = await ConnectAsync(System.Net.Sockets.AddressFamily.InterNetwork, mptcp: false);
        await connection.GreetAsync(Deadline);
        var finding = await CauseAsync(Cause.NothingSeen, connection);
        Assert.That(finding.Advice, Does.Contain("mptcpize"));
    }

    [Test]
    public async Task CapableServer_ServedElsewhere()
    {
        using var connection = await ConnectAsync(System.Net.Sockets.AddressFamily.InterNetwork, to: "capable");
        await connection.GreetAsync(Deadline);
        await CauseAsync(Cause.ServedElsewhere, connection);
    }
}
