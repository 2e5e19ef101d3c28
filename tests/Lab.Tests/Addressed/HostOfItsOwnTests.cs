using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Middlebox.Interceptor.Filtering;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Negotiation.Addressed;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>A host that connects to the proxy itself, and names the server without the help of a box: only the option is added to its SYN.</summary>
public sealed class HostOfItsOwnTests : AddressedFixture
{
    private const string JoinsTaken = "MPTcpExtMPJoinAckRx";
    private const ushort Queue = 4321;
    private const int ProxyPort = 5125;
    private const int ServerPort = 7005;
    private const int ReusedPort = 45_125;
    private const long Amount = 20_000_000;

    // Linux repeats a SYN after a second.
    private static readonly TimeSpan SynTimeout = TimeSpan.FromSeconds(1);

    [TestCase(AddressFamily.InterNetwork, "iptables")]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables")]
    public async Task Host_is_told_the_servers_own_port_and_does_not_join_the_proxy(AddressFamily family, string tool)
    {
        using var queue = Name("capable", family);
        await NameServersAsync(tool, "-A");
        try
        {
            var (joins, refused) = (Capable.Counter(JoinsTaken), await RefusedSynsAsync(tool));
            using var connection = await ConnectToProxyAsync(family, "capable");
            await connection.GreetAsync(Deadline);
            await Condition.WaitAsync(() => Capable.Counter(JoinsTaken) > joins, Patience, "the client opens a subflow to the server itself", Deadline);
            var before = OctetsOverTheProxy;
            await AssertBytesArriveAsync(connection.Client, connection.Server, Amount);
            await AssertBytesArriveAsync(connection.Server, connection.Client, Amount);
            Assert.That(OctetsOverTheProxy - before, Is.LessThan(2 * Amount / 100 * 2));
            Assert.That(await RefusedSynsAsync(tool), Is.EqualTo(refused), "no subflow was tried at the proxy");
        }
        finally
        {
            await NameServersAsync(tool, "-D");
        }
    }

    [TestCase(AddressFamily.InterNetwork, "iptables")]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables")]
    public async Task Legacy_server_subflows_go_to_the_address_that_the_host_has_connected_to(AddressFamily family, string tool)
    {
        using var queue = Name("legacy", family);
        await NameServersAsync(tool, "-A");
        try
        {
            using var connection = await ConnectToProxyAsync(family, "legacy");
            await connection.GreetAsync(Deadline);
            var flow = await FlowAsync(subflows: 2);
            Assert.That(flow.Subflows.Select(subflow => subflow.Local), Is.All.EqualTo($"{Lab.EndpointOf("proxy", family, ProxyPort)}"));
            Assert.That(
                flow.Subflows.Select(subflow => IPEndPoint.Parse(subflow.Remote).Address),
                Is.EquivalentTo(new[] { Lab.AddressOf("client", family, "wifi"), Lab.AddressOf("client", family, "lte") }));
            await AssertBytesArriveAsync(connection.Client, connection.Server, Amount / 10);
            await AssertBytesArriveAsync(connection.Server, connection.Client, Amount / 10);
        }
        finally
        {
            await NameServersAsync(tool, "-D");
        }
    }

    // All servers are behind one address and port of the proxy, where it keeps the ended connection in TIME-WAIT.
    [TestCase(AddressFamily.InterNetwork, "iptables")]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables")]
    public async Task Port_used_again_for_a_capable_server_after_a_legacy_one_has_closed_first(AddressFamily family, string tool)
    {
        await NameServersAsync(tool, "-A");
        try
        {
            using (Name("legacy", family))
            using (var legacy = await ConnectToProxyAsync(family, "legacy", ReusedPort))
            {
                await legacy.GreetAsync(Deadline);
                legacy.Server.Shutdown(SocketShutdown.Send);
                await ByteStream.ReceiveAsync(legacy.Client, Deadline);
                legacy.Client.Dispose();
                await ByteStream.ReceiveAsync(legacy.Server, Deadline);
            }

            await IdleAsync();
            Assert.That(
                (await Proxy.RunAsync("ss", "-H", "-t", "-a", "-n", "state", "time-wait", $"( dport = :{ReusedPort} )")).RequireSuccess(),
                Does.Contain($":{ProxyPort}"), "otherwise this test shows nothing");
            using var queue = Name("capable", family);
            var watch = Stopwatch.StartNew();
            using var capable = await ConnectToProxyAsync(family, "capable", ReusedPort);
            await capable.GreetAsync(Deadline);
            Assert.That(watch.Elapsed, Is.LessThan(SynTimeout));
            await AssertBytesArriveAsync(capable.Client, capable.Server, Amount / 10);
        }
        finally
        {
            await NameServersAsync(tool, "-D");
        }
    }

    private PacketFilterQueue Name(string server, AddressFamily family)
    {
        var destination = new DestinationOption(HostEndpoint.Parse($"{Lab.EndpointOf(server, family, ServerPort)}"), IsTransparent: false);
        return Client.InNamespace(() => new PacketFilterQueue(Queue, (buffer, length) =>
        {
            AddressedSyn.TryName(buffer, ref length, destination);
            return length;
        }));
    }

    /// <summary>SYNs to the proxy's port get the option, but not those of subflows, which have no room for it either.</summary>
    private async Task NameServersAsync(string tool, string action) => (await Client.RunAsync(
        tool, "-w", "-t", "mangle", action, "OUTPUT", "-o", "wifi", "-p", "tcp", "--dport", $"{ProxyPort}", "--tcp-flags", "SYN,ACK", "SYN",
        "-j", "NFQUEUE", "--queue-num", $"{Queue}")).RequireSuccess();

    private async Task<Connection> ConnectToProxyAsync(AddressFamily family, string server, int clientPort = 0)
    {
        var listener = Connection.Listen(Lab, family, server, ServerPort);
        var accepting = listener.AcceptAsync(Deadline);
        var client = Client.CreateTcpSocket(family, mptcp: true);
        client.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, clientPort));
        await client.ConnectAsync(Lab.EndpointOf("proxy", family, ProxyPort), Deadline);
        return new Connection(client, await accepting, listener);
    }

    /// <summary>SYNs to the proxy's own address and port that it has refused.</summary>
    private async Task<string> RefusedSynsAsync(string tool) => (await Proxy.RunAsync(tool, "-w", "-nvxL", "MBX-RELAY-FILTER")).RequireSuccess()
        .Split('\n').Single(line => line.Contains("reject-with", StringComparison.Ordinal)).Trim().Split(' ')[0];
}
