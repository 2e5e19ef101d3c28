using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>A server without MPTCP: the proxy speaks it to the client in the server's place, over both accesses of 50 Mbit/s each, congestion control reno.</summary>
[NonParallelizable]
public sealed class LegacyServerTests : AddressedFixture
{
    private const string Repetitions = "TcpRetransSegs";
    private const int SharedPort = 45_200;
    private const long Amount = 15_000_000;

    // One alone gives 48; the machine may have other things to do.
    private const double BothAccesses = 65e6;

    protected override LabOptions Options => new()
    {
        Rates = new Dictionary<string, LinkRate> { ["wifi"] = Rate("50mbit"), ["lte"] = Rate("50mbit") },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Both_accesses_are_used_each_way(AddressFamily family)
    {
        var acted = await CountAsync(Proxy, "addressed", "handshakesEnded", "adopted");
        using var connection = await ConnectAsync(family, "legacy");
        await connection.GreetAsync(Deadline);
        var flow = await FlowAsync(subflows: 2);

        Assert.That(flow.Reason, Is.EqualTo("namedServerLegacy"));
        Assert.That(flow.Server, Is.EqualTo($"{Lab.EndpointOf("legacy", family, 7000)}"));
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("proxy", family)), "the server sees the proxy");
        Assert.That(
            flow.Subflows.Select(subflow => Address(subflow.Remote)),
            Is.EquivalentTo(new[] { "wifi", "lte" }.Select(access => $"{Lab.AddressOf("client", family, access)}")));
        Assert.That(flow.Subflows.Select(subflow => Address(subflow.Local)), Is.All.EqualTo($"{Lab.AddressOf("proxy", family)}"));
        Assert.That(await CountAsync(Proxy, "addressed", "handshakesEnded", "adopted"), Is.EqualTo(acted + 1));
        var told = (await Proxy.AskAsync(Deadline, "explain", $"{connection.ClientAddress}", $"{Lab.EndpointOf("legacy", family, 7000)}")).RequireSuccess();
        Assert.That(told, Does.Contain("SYN/ACK: act, namedServerLegacy: ").And.Contain("context ended, adopted: ").And.Contain(": divert, ownJoin: "));

        Assert.That(await RateOfAsync(connection.Client, connection.Server), Is.GreaterThan(BothAccesses), "bit/s up");
        Assert.That(await RateOfAsync(connection.Server, connection.Client), Is.GreaterThan(BothAccesses), "bit/s down");
    }

    // The server repeats its SYN/ACK meanwhile, and nobody is to refuse it.
    [TestCase(AddressFamily.InterNetwork, "iptables")]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables")]
    public async Task Host_that_takes_long_to_complete_its_handshake(AddressFamily family, string tool)
    {
        string[] rule = ["FORWARD", "-o", "proxy", "-p", "tcp", "--dport", "5125", "--tcp-flags", "SYN,ACK", "ACK", "-j", "DROP"];
        (await Core.RunAsync(tool, ["-w", "-I", .. rule])).RequireSuccess();
        var listener = Connection.Listen(Lab, family, "legacy", 7001);
        var accepting = listener.AcceptAsync(Deadline);
        var client = Client.CreateTcpSocket(family, mptcp: true);
        try
        {
            var repeated = Legacy.Counter(Repetitions);
            await client.ConnectAsync(Lab.EndpointOf("legacy", family, 7001), Deadline);
            await Condition.WaitAsync(() => Legacy.Counter(Repetitions) > repeated, Patience, "the server repeats its SYN/ACK", Deadline);
        }
        finally
        {
            (await Core.RunAsync(tool, ["-w", "-D", .. rule])).RequireSuccess();
        }

        await client.SendAsync("."u8.ToArray(), Deadline);
        using var connection = new Connection(client, await accepting, listener);
        await ByteStream.ReceiveAsync(connection.Server, Deadline, atMost: 1);
        await connection.GreetAsync(Deadline);
        Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);
    }

    // What the server sees of both would be the same.
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Two_connections_from_one_port_at_two_addresses(AddressFamily family)
    {
        using var listener = Connection.Listen(Lab, family, "legacy", 7002);
        List<Socket> sockets = [];
        try
        {
            foreach (var access in new[] { "wifi", "lte" })
            {
                var accepting = listener.AcceptAsync(Deadline);
                var client = Client.CreateTcpSocket(family, mptcp: true);
                sockets.Add(client);
                client.Bind(new IPEndPoint(Lab.AddressOf("client", family, access), SharedPort));
                await client.ConnectAsync(Lab.EndpointOf("legacy", family, 7002), Deadline);
                sockets.Add(await accepting);
            }

            Assert.That(sockets[1].RemoteEndPoint, Is.Not.EqualTo(sockets[3].RemoteEndPoint));
            foreach (var (client, server) in new[] { (sockets[0], sockets[1]), (sockets[2], sockets[3]) })
            {
                await AssertBytesArriveAsync(client, server, Amount / 10);
                await AssertBytesArriveAsync(server, client, Amount / 10);
            }

            Assert.That((await Proxy.FlowsAsync(Deadline)).Select(flow => flow.Reason), Is.EqualTo(new[] { "namedServerLegacy", "namedServerLegacy" }));
        }
        finally
        {
            foreach (var socket in sockets)
                socket.Dispose();
        }
    }

    // Ports of the box's own administration are left alone.
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Port_for_which_the_proxy_does_not_act_is_relayed_as_plain_tcp(AddressFamily family)
    {
        var reserved = await CountAsync(Proxy, "addressed", "handshakesEnded", "portReserved");
        using var connection = await ConnectAsync(family, "legacy", port: 22);
        await connection.GreetAsync(Deadline);
        await AssertBytesArriveAsync(connection.Client, connection.Server, Amount / 10);
        await AssertBytesArriveAsync(connection.Server, connection.Client, Amount / 10);
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("proxy", family)));
        Assert.That(await Proxy.FlowsAsync(Deadline), Is.Empty);
        Assert.That(await CountAsync(Proxy, "addressed", "handshakesEnded", "portReserved"), Is.EqualTo(reserved + 1));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public void Who_names_no_server_is_refused(AddressFamily family)
    {
        using var client = Client.CreateTcpSocket(family, mptcp: true);
        Assert.That(
            async () => await client.ConnectAsync(Lab.EndpointOf("proxy", family, 5125), Deadline),
            Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionRefused));
    }

    private static string Address(string endpoint) => IPEndPoint.Parse(endpoint).Address.ToString();

    private async Task<double> RateOfAsync(Socket from, Socket to)
    {
        var watch = Stopwatch.StartNew();
        await AssertBytesArriveAsync(from, to, Amount);
        var rate = Amount * 8 / watch.Elapsed.TotalSeconds;
        TestContext.Out.WriteLine($"{rate / 1e6:0.0} Mbit/s");
        return rate;
    }
}
