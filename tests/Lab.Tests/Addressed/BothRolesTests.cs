using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>Two boxes of which each is the other's proxy: what one relays for the other must not be taken for its own.</summary>
public sealed class BothRolesTests : AddressedFixture
{
    private static readonly Dictionary<string, string> RelayOfTheClient = new()
    {
        ["Middlebox:Addressed:Listen:0"] = "198.18.1.2:5125",
        ["Middlebox:Addressed:Listen:1"] = "[2001:db8:1::2]:5125",
        ["Middlebox:Addressed:Clients:0"] = "198.18.3.0/24",
        ["Middlebox:Addressed:Clients:1"] = "2001:db8:3::/64",
        ["Middlebox:Addressed:MaxPromotionsPerSource"] = "1",
    };

    private static readonly Dictionary<string, string> HostRoleOfTheProxy = new()
    {
        ["Middlebox:HostProxy:Proxies:0"] = "198.18.1.2:5125",
        ["Middlebox:HostProxy:Proxies:1"] = "[2001:db8:1::2]:5125",
        ["Middlebox:HostProxy:Rules:0:Server"] = "198.18.8.0/21",
        ["Middlebox:HostProxy:Rules:1:Server"] = "2001:db8:10::/44",
    };

    [Test]
    public async Task Each_goes_over_the_other(
        [Values(AddressFamily.InterNetwork, AddressFamily.InterNetworkV6)] AddressFamily family, [Values("legacy", "capable")] string server)
    {
        using var ofClient = await ConnectAsync(family, server);
        await ofClient.GreetAsync(Deadline);
        Assert.That(ofClient.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("proxy", family)));

        using var listener = Connection.Listen(Lab, family, server, 7010);
        var accepting = listener.AcceptAsync(Deadline);
        using var ofProxy = Proxy.CreateTcpSocket(family, mptcp: true);
        await ofProxy.ConnectAsync(Lab.EndpointOf(server, family, 7010), Deadline);
        using var atServer = await accepting;
        Assert.That(((IPEndPoint)atServer.RemoteEndPoint!).Address, Is.EqualTo(Lab.AddressOf("client", family, "wifi")));

        foreach (var (from, to) in new[] { (ofClient.Client, ofClient.Server), (ofProxy, atServer) })
        {
            await AssertBytesArriveAsync(from, to, 1_000_000);
            await AssertBytesArriveAsync(to, from, 1_000_000);
        }
    }

    // As long as nothing is said on it, the box has no proof that both sides speak MPTCP, and looks at it.
    [Test]
    public async Task Source_beyond_its_share_is_relayed_without_being_looked_at()
    {
        await Condition.WaitAsync(async () => await CountAsync(Client, "addressed", "pending") == 0, TestTimeout, "the box looks at no connection", Deadline);
        var before = await CountAsync(Client, "addressed", "unobserved", "promotionSourceLimit");
        using var listener = Connection.Listen(Lab, AddressFamily.InterNetworkV6, "capable", 7011);
        using var silent = await ConnectOfProxyAsync(7011);
        using var silentAtServer = await listener.AcceptAsync(Deadline);
        using var next = await ConnectOfProxyAsync(7011);
        using var nextAtServer = await listener.AcceptAsync(Deadline);
        Assert.That(await CountAsync(Client, "addressed", "pending"), Is.EqualTo(1));
        Assert.That(await CountAsync(Client, "addressed", "unobserved", "promotionSourceLimit"), Is.EqualTo(before + 1));
        Assert.That(((IPEndPoint)nextAtServer.RemoteEndPoint!).Address, Is.EqualTo(Lab.AddressOf("client", AddressFamily.InterNetworkV6, "wifi")));
        await AssertBytesArriveAsync(next, nextAtServer, 1_000_000);
        await AssertBytesArriveAsync(nextAtServer, next, 1_000_000);
        var told = (await Client.AskAsync(Deadline, "explain", $"{next.LocalEndPoint}", $"{Lab.EndpointOf("capable", AddressFamily.InterNetworkV6, 7011)}")).RequireSuccess();
        Assert.That(told, Does.Contain("SYN: forward, promotionSourceLimit: ").And.Contain("notLookedAt at "));
    }

    protected override async Task PrepareAsync() =>
        (await Client.RunAsync("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")).RequireSuccess();

    protected override Topology Adapt(Topology shipped) => shipped with { Boxes = [.. shipped.Boxes.Select(GiveOtherRole)] };

    private static BoxPlacement GiveOtherRole(BoxPlacement box) =>
        box with { Settings = new Dictionary<string, string>(box.Settings.Concat(box.Host == "client" ? RelayOfTheClient : HostRoleOfTheProxy)) };

    private async Task<Socket> ConnectOfProxyAsync(int port)
    {
        var socket = Proxy.CreateTcpSocket(AddressFamily.InterNetworkV6, mptcp: true);
        await socket.ConnectAsync(Lab.EndpointOf("capable", AddressFamily.InterNetworkV6, port), Deadline);
        return socket;
    }
}
