using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native;
using Middlebox.Testing;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>A client that gives up while the box connects for it leaves nothing, neither at the box nor at the server.</summary>
public sealed class VanishedClientTests : LegacyClientFixture
{
    private const int ClientPort = 30_000;

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:Negotiation:ServerTimeout"] = "00:00:02",
            ["Middlebox:Negotiation:ClientTimeout"] = "00:00:02",
            ["Middlebox:ProxyEngine:ListenerIdleTimeout"] = "00:00:01",
        },
    };

    [TestCase(AddressFamily.InterNetwork, "iptables")]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables")]
    public async Task Client_gives_up_while_the_server_is_dialled(AddressFamily family, string firewall)
    {
        var port = await KnownPortAsync(family);
        var before = await IdleAsync();
        string[] rule = ["INPUT", "-p", "tcp", "--dport", $"{port}", "-j", "DROP"];
        (await Capable.RunAsync(firewall, ["-w", "-A", .. rule])).RequireSuccess();

        using (var socket = Client.CreateTcpSocket(family, mptcp: false))
        {
            var connecting = socket.ConnectAsync(Lab.EndpointOf("capable", family, port), Deadline).AsTask();
            await StatusWhenAsync(status => status.Contexts == 1, "the box dials");
            socket.Dispose();
            await Assert.ThrowsAsync<SocketException>(() => connecting);
        }

        var after = await IdleAsync();
        Assert.That(after.Released("dialUnanswered") - before.Released("dialUnanswered"), Is.EqualTo(1));
        await AssertNothingIsLeftAsync(port);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Client_gives_up_before_it_is_answered_server_is_reset(AddressFamily family)
    {
        var port = await KnownPortAsync(family);
        var before = await IdleAsync();
        using var listener = Connection.Listen(Lab, family, "capable", port);
        using var sender = Client.InNamespace(() => new RawPacketSocket(mark: 0));
        var accepting = listener.AcceptAsync(Deadline);

        // Its kernel knows nothing of this connection, and says so to whoever answers.
        var syn = PacketBuilder.Syn(
            Lab.EndpointOf("client", family, ClientPort).ToString(), Lab.EndpointOf("capable", family, port).ToString());
        Assert.That(sender.Send(syn.Mss(1460).Build()), Is.EqualTo(Errno.None));

        using var server = await accepting;
        var reset = await Assert.ThrowsAsync<SocketException>(async () => await server.ReceiveAsync(new byte[1], Deadline));
        Assert.That(reset!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
        var after = await IdleAsync();
        Assert.That(after.Released("clientVanished") - before.Released("clientVanished"), Is.EqualTo(1));
        Assert.That(after.TotalFlows, Is.EqualTo(before.TotalFlows));
        await AssertNothingIsLeftAsync(port);
    }

    private async Task AssertNothingIsLeftAsync(int port)
    {
        await StatusWhenAsync(status => status.Listeners == 0, "no listener is open");
        Assert.That(await SocketsAsync(port), Is.Empty);
    }
}
