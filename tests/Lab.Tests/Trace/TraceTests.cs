using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Trace;

/// <summary><c>middlebox trace</c> beside a box that serves.</summary>
public sealed class TraceTests() : ServingLabFixture("one-proxy")
{
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task ServedConnection_IsFollowedFromSynToAdoption(AddressFamily family)
    {
        var trace = await StartAsync("--ports", "7000");
        using var connection = await ConnectOverBothAccessesAsync(family);
        var lines = await LinesAsync(trace, 4);
        var flow = $"{connection.ClientAddress} > {Lab.EndpointOf("legacy", family, 7000)}";
        Assert.That(lines.Count(line => line.Contains($"{flow}  SYN: forward, served: ", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(lines.Count(line => line.Contains($"{flow}  SYN/ACK: act, serverLegacy: ", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(lines.Count(line => line.Contains($"{flow}  context ended, adopted: ", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(lines.Count(line => line.Contains(": divert, ownJoin: ", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public async Task Filter_LeavesOutOtherPortsAndReasons()
    {
        var trace = await StartAsync("--ports", "7001", "--reasons", "serverLegacy", "--count", "1");
        using (var other = await ConnectAsync(AddressFamily.InterNetwork))
            await other.GreetAsync(Deadline);
        using var wanted = await ConnectAsync(AddressFamily.InterNetwork, port: 7001);
        Assert.That(await trace.WaitForExitAsync(Deadline), Is.Zero);
        Assert.That(Decisions(trace), Has.Length.EqualTo(1));
        Assert.That(Decisions(trace)[0], Does.Contain(":7001  SYN/ACK: act"));
    }

    [Test]
    public async Task Pcap_OpensInTcpdump_WithSynAndSynAckAndTheirDecisions()
    {
        var file = Path.Combine(Box.RuntimeDirectory, "handshakes.pcapng");
        var trace = await StartAsync("--pcap", file, "--reasons", "served,serverLegacy", "--count", "2");
        using var connection = await ConnectAsync(AddressFamily.InterNetwork);
        Assert.That(await trace.WaitForExitAsync(Deadline), Is.Zero);

        var read = (await Box.RunAsync("tcpdump", "-n", "-r", file)).RequireSuccess().Trim().Split('\n');
        Assert.That(read, Has.Length.EqualTo(2));
        Assert.That(read[0], Does.Contain($"{connection.ClientAddress.Address}.{connection.ClientAddress.Port} > ").And.Contain("Flags [S]")
            .And.Contain("mptcp").And.Contain("capable"));
        Assert.That(read[1], Does.Contain("Flags [S.]").And.Not.Contain("capable"));
        var text = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Deadline));
        Assert.That(text, Does.Contain("SYN: forward, served: the client speaks MPTCP"));
        Assert.That(text, Does.Contain("SYN/ACK: act, serverLegacy: the server answered without MPTCP"));
    }

    [Test]
    public async Task Past_TellsWhatIsRemembered()
    {
        using var connection = await ConnectAsync(AddressFamily.InterNetwork);
        var asked = await Box.AskAsync(
            Deadline, "trace", "--past", "--count", "1", "--reasons", "serverLegacy", "--client", $"{connection.ClientAddress.Address}", "--json");
        Assert.That(asked.RequireSuccess(), Does.Contain("\"reason\":\"serverLegacy\""));
    }

    [Test]
    public async Task WrongFilter_IsAMistakeOfTheCommandLine()
    {
        var asked = await Box.AskAsync(Deadline, "trace", "--reasons", "because");
        Assert.That(asked.ExitCode, Is.EqualTo(2));
        Assert.That(asked.Error, Does.StartWith("trace: reasons 'because' has a name that is none; known are"));
    }

    [Test]
    public async Task Tracer_ThatReadsNothing_StopsNoConnection()
    {
        var trace = await StartAsync();
        (await Box.RunAsync("kill", "-STOP", $"{trace.Id}")).RequireSuccess();
        for (var i = 0; i < 50; i++)
        {
            using var connection = await ConnectAsync(AddressFamily.InterNetwork);
            await connection.GreetAsync(Deadline);
        }
    }

    private async Task<BackgroundProcess> StartAsync(params string[] arguments)
    {
        var trace = Box.StartAsking(["trace", .. arguments]);
        await Condition.WaitAsync(
            () => trace.ReadLog().Contains("trace: following", StringComparison.Ordinal), Patience, "the tracer follows", Deadline);
        return trace;
    }

    private async Task<string[]> LinesAsync(BackgroundProcess trace, int atLeast)
    {
        await Condition.WaitAsync(() => Decisions(trace).Length >= atLeast, Patience, $"{atLeast} decisions are traced", Deadline);
        return Decisions(trace);
    }

    private static string[] Decisions(BackgroundProcess trace) =>
        [.. trace.ReadLog().Split('\n').Where(line => line.Contains(" > ", StringComparison.Ordinal))];
}
