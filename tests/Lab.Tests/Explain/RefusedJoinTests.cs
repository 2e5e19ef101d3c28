using Middlebox.Appliance.Explain;
using Middlebox.Lab.Tests.Serving;

namespace Middlebox.Lab.Tests.Explain;

/// <summary>A client that joins from its second access.</summary>
public sealed class RefusedJoinTests() : ExplainLabFixture("one-proxy")
{
    [Test]
    public async Task BothAccesses_NothingIsWrong()
    {
        using var connection = await ConnectOverBothAccessesAsync(System.Net.Sockets.AddressFamily.InterNetwork);
        var report = await ExplainAsync($"{connection.ClientAddress}", "any");
        Assert.That(report.Findings, Is.Empty);
        Assert.That(report.Flows.Single().Path.FurtherSubflows, Is.EqualTo(1));
        Assert.That(report.Decisions.Select(decision => decision.Reason.ToString()), Is.SupersetOf(new[] { "Served", "ServerLegacy", "OwnJoin" }));
    }

    [Test]
    public async Task Top_ShowsTheConnectionWithItsPaths()
    {
        using var connection = await ConnectOverBothAccessesAsync(System.Net.Sockets.AddressFamily.InterNetwork);
        var screen = (await Box.AskAsync(Deadline, "top", "--once")).RequireSuccess();
        Assert.That(screen, Does.Contain("1 flows"));
        Assert.That(screen, Does.Match($@"{connection.ClientAddress} +198\.18\.10\.2:7000 +2 "));
    }

    [Test]
    public async Task AnswersToJoinsAreDropped_JoinRefused()
    {
        const string Rule = "OUTPUT -o backhaul -p tcp --tcp-flags SYN,ACK SYN,ACK -j DROP";
        await RunAsync(Box, $"iptables -I {Rule}");
        try
        {
            using var connection = await ConnectAndGreetAsync();
            var finding = await CauseAsync(Cause.JoinRefused, connection);
            Assert.That(finding.Advice, Does.Contain("MPJoinAckRx"));
        }
        finally
        {
            await RunAsync(Box, $"iptables -D {Rule}");
        }
    }
}
