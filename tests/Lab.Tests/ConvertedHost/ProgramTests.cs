using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.ConvertedHost;

/// <summary>What programs without MPTCP get, and notice, on a host whose connections go through a converter: two accesses of 100 Mbit/s each, congestion control reno.</summary>
public sealed class ProgramTests : ConvertedHostFixture
{
    private const int Download = 10_000_000;

    protected override LabOptions Options => new()
    {
        Rates = new Dictionary<string, LinkRate> { ["wifi"] = Rate("100mbit"), ["lte"] = Rate("100mbit") },
        BoxSettings = new Dictionary<string, string> { ["Middlebox:Converter:Ports"] = "80,7000-7999" },
    };

    [TestCase(AddressFamily.InterNetwork, "legacy")]
    [TestCase(AddressFamily.InterNetworkV6, "legacy")]
    [TestCase(AddressFamily.InterNetworkV6, "capable")]
    public async Task Curl_downloads_over_both_accesses(AddressFamily family, string server)
    {
        var before = (Wifi: Client.ReceivedBytes("wifi"), Lte: Client.ReceivedBytes("lte"));
        var url = $"{Lab.UrlOf(server, family)}/bytes/10m";
        var came = await Client.RunAsync(["sh", "-c", $"curl -sSgf -m 20 '{url}' | sha256sum"], null, Deadline);
        var there = await Lab[server].RunAsync(["sh", "-c", $"curl -sSgf '{url}' | sha256sum"], null, Deadline);
        Assert.That(came.RequireSuccess(), Is.EqualTo(there.RequireSuccess()));
        Assert.That(Client.ReceivedBytes("wifi") - before.Wifi, Is.GreaterThan(Download / 5));
        Assert.That(Client.ReceivedBytes("lte") - before.Lte, Is.GreaterThan(Download / 5));
    }

    [TestCase(AddressFamily.InterNetwork, false)]
    [TestCase(AddressFamily.InterNetworkV6, false)]
    [TestCase(AddressFamily.InterNetworkV6, true)]
    public async Task Program_sees_the_server_and_the_server_the_converter(AddressFamily family, bool mptcp)
    {
        using var connection = await ConnectAsync(family, mptcp: mptcp, port: NewPort());
        await connection.GreetAsync(Deadline);
        await FlowAsync(subflows: 2);
        Assert.That(((IPEndPoint)connection.Client.RemoteEndPoint!).Address, Is.EqualTo(Lab.AddressOf("legacy", family)));
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("proxy", family)));
        await AssertBytesArriveAsync(connection.Client, connection.Server, 1_000_000);
        await AssertBytesArriveAsync(connection.Server, connection.Client, 1_000_000);

        var flows = (await Client.AskAsync(Deadline, "flows")).RequireSuccess();
        Assert.That(flows, Does.Contain($"{connection.ClientAddress} > {connection.Client.RemoteEndPoint}  MPTCP to the converter"));
        Assert.That(flows, Does.Match($"subflow .* > {Regex.Escape($"{Lab.EndpointOf("proxy", family, 5124)}")}"));
    }

    [Test]
    public async Task One_port_of_the_program_leads_to_two_servers()
    {
        const int Port = 40_000;
        using var legacy = await ConnectAsync(AddressFamily.InterNetwork, port: NewPort(), mptcp: false, clientPort: Port);
        using var capable = await ConnectAsync(AddressFamily.InterNetwork, "capable", port: NewPort(), mptcp: false, clientPort: Port);
        foreach (var connection in new[] { legacy, capable })
            await connection.GreetAsync(Deadline);
    }

    [TestCase(AddressFamily.InterNetwork, "legacy")]
    [TestCase(AddressFamily.InterNetworkV6, "capable")]
    public async Task Closed_port_is_refused(AddressFamily family, string server)
    {
        var before = await CountAsync("serverRefused");
        AssertRefused(family, server, 7999);
        Assert.That(await CountAsync("serverRefused"), Is.EqualTo(before + 1), "as the converter says");
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Reset_of_the_server_resets_the_program(AddressFamily family)
    {
        using var connection = await ConnectAsync(family, port: NewPort(), mptcp: false);
        await connection.GreetAsync(Deadline);
        Connection.Reset(connection.Server);
        Assert.That(
            async () => await connection.Client.ReceiveAsync(new byte[1], Deadline),
            Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionReset));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task What_the_converter_does_not_allow_goes_directly(AddressFamily family)
    {
        var before = await CountAsync("refusedByProxy");
        using var connection = await ConnectAsync(family, port: 8000, mptcp: false);
        await connection.GreetAsync(Deadline);
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("client", family, "wifi")));
        Assert.That(await CountAsync("refusedByProxy"), Is.EqualTo(before + 1));
    }

    [Test]
    public async Task Trace_and_explain_tell_what_became_of_a_connection_and_of_the_next_one()
    {
        var port = NewPort();
        using (var connection = await ConnectAsync(AddressFamily.InterNetwork, port: port, mptcp: false))
            await connection.GreetAsync(Deadline);
        var trace = (await Client.AskAsync(Deadline, "trace", "--past", "--count", "2", "--ports", $"{port}")).RequireSuccess();
        Assert.That(trace, Does.Contain("SYN: dial, hostProxied: a rule sends this host's own connection over a proxy (198.18.3.2:5124)"));
        Assert.That(trace, Does.Contain("context ended, proxyAnswered: the server has answered by way of the proxy (198.18.3.2:5124)"));

        AssertRefused(AddressFamily.InterNetwork, "legacy", 7998);
        var explained = (await Client.AskAsync(Deadline, "explain", "198.18.1.2", "198.18.10.2:7998")).RequireSuccess();
        Assert.That(explained, Does.Contain("context ended, serverRefused: "));
        Assert.That(explained, Does.Contain(
            "The next one, as this host's own: Middlebox:HostProxy:Rules:0 sends it to the proxy at 198.18.3.2:5124, which is told the server in the first bytes (RFC 8803)."));
    }

    [Test]
    public async Task Servers_lists_which_speak_MPTCP_as_the_converter_says()
    {
        (await Client.AskAsync(Deadline, "servers", "--clear")).RequireSuccess();
        foreach (var (family, server) in new[] { (AddressFamily.InterNetwork, "legacy"), (AddressFamily.InterNetworkV6, "capable") })
            Assert.That(await SeenFromAsync(family, server), Is.EqualTo($"{Lab.AddressOf("proxy", family)}"));
        var listed = JsonElement.Parse((await Client.AskAsync(Deadline, "servers", "--json")).RequireSuccess());
        Assert.That(
            listed.EnumerateArray().Select(server => (server.GetProperty("server").GetString(), server.GetProperty("capability").GetString())),
            Is.EquivalentTo(new[] { ("198.18.10.2:80", "legacy"), ("[2001:db8:11::2]:80", "capable") }));
    }
}
