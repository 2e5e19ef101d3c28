using System.Net.Sockets;
using Middlebox.Appliance.Explain;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;
using Middlebox.Negotiation;

namespace Middlebox.Lab.Tests.Explain;

/// <summary>A box that is configured so that something is wrong.</summary>
public sealed class ConfiguredCausesTests() : ExplainLabFixture("one-proxy")
{
    private const int BypassedPort = 7008;
    private const int ReservedPort = 7009;

    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Boxes = [.. shipped.Boxes.Select(box => box.WithSettings(new Dictionary<string, string>
        {
            ["Middlebox:ProxyEngine:MaxSubflows"] = "0",
            ["Middlebox:ProxyEngine:CongestionControl"] = "bbr",
            ["Middlebox:ProxyEngine:ReservedPorts:0"] = $"{ReservedPort}",
            ["Middlebox:Policy:Rules:0:Ports"] = $"{BypassedPort}",
            ["Middlebox:Policy:Rules:0:Action"] = "Bypass",
        }))],
    };

    [Test]
    public async Task NoSubflowAllowed_SubflowLimit_AndBbrIsNamedBesideIt()
    {
        using var connection = await ConnectAndGreetAsync();
        await Condition.WaitAsync(
            async () => (await ExplainAsync($"{connection.ClientAddress}")).Findings.Any(finding => finding.Cause == Cause.SubflowLimit),
            Patience, "the join is seen and refused", Deadline);
        var report = await ExplainAsync($"{connection.ClientAddress}");
        Assert.That(
            report.Findings.Select(finding => finding.Cause), Is.EquivalentTo(new[] { Cause.BbrTowardsClient, Cause.SubflowLimit }));
        Assert.That(report.Flows.Single().Path.ClientCongestionControl, Is.EqualTo("bbr"));
    }

    [Test]
    public async Task PolicyBypass_PastAndNext_NamesTheRule()
    {
        using var connection = await ConnectAsync(AddressFamily.InterNetwork, port: BypassedPort);
        await CauseAsync(Cause.PolicyKeepsOut, connection);
        var next = (await ExplainAsync("198.18.1.2", $"198.18.10.2:{BypassedPort}")).Next!;
        Assert.That((next.Rule, next.Reason), Is.EqualTo(("Middlebox:Policy:Rules:0", Reason.PolicyBypass)));
    }

    [Test]
    public async Task Next_WithoutARule_IsServedByTheDefault()
    {
        var report = await ExplainAsync("198.18.1.2", "198.18.10.2:7077");
        Assert.That((report.Next!.Rule, report.Next.Reason), Is.EqualTo(("Middlebox:Policy:Default", Reason.Served)));
        Assert.That(report.Findings.Single().Cause, Is.EqualTo(Cause.NothingSeen));
    }

    [Test]
    public async Task ReservedPort_PastAndNext()
    {
        using var connection = await ConnectAsync(AddressFamily.InterNetwork, port: ReservedPort);
        await CauseAsync(Cause.PortIsReserved, connection);
        Assert.That((await ExplainAsync("198.18.1.2", $"198.18.10.2:{ReservedPort}")).Next!.Reason, Is.EqualTo(Reason.PortReserved));
    }

    [Test]
    public async Task Verb_SaysItInWords()
    {
        using var connection = await ConnectAndGreetAsync();
        await CauseOfBbrAsync(connection.ClientAddress.ToString());
        var told = (await Box.AskAsync(Deadline, "explain", "198.18.1.2", "198.18.10.2:7000")).RequireSuccess();
        Assert.That(told, Does.Contain("The next one: Middlebox:Policy:Default says Serve: the client speaks MPTCP and the policy says serve."));
        Assert.That(told, Does.Contain("SYN/ACK: act, serverLegacy: the server answered without MPTCP"));
        Assert.That(told, Does.Contain("MPTCP over 1 subflows (up to 1), bbr to the client"));
        Assert.That(told, Does.Contain("set ProxyEngine:CongestionControl to cubic or reno"));
    }

    [Test]
    public async Task Verb_WithAnAddressThatIsNone_IsAMistakeOfTheCommandLine()
    {
        var told = await Box.AskAsync(Deadline, "explain", "here");
        Assert.That(told.ExitCode, Is.EqualTo(2));
        Assert.That(told.Error, Does.StartWith("explain: client 'here' is no address; write any, 198.18.1.2"));
    }

    private Task CauseOfBbrAsync(string client) => Condition.WaitAsync(
        async () => (await ExplainAsync(client)).Findings.Any(finding => finding.Cause == Cause.BbrTowardsClient),
        Patience, "the box finds bbr", Deadline);
}
