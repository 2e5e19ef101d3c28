using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native;
using Middlebox.Testing;

namespace Middlebox.Lab.Tests.Hostile;

/// <summary>Clients that never finish their handshakes do not make connections at the server, and leave nothing there.</summary>
public sealed class AbandonedHandshakeTests() : ServingLabFixture("one-proxy")
{
    private const int Count = 100;
    private const int FirstPort = 30_000;

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:Negotiation:ClientTimeout"] = "00:00:02",
            ["Middlebox:ProxyEngine:ListenerIdleTimeout"] = "00:00:01",
        },
    };

    // The client's kernel knows nothing of these connections, and would reset them.
    protected override async Task PrepareAsync()
    {
        foreach (var tool in new[] { "iptables", "ip6tables" })
        {
            (await Client.RunAsync(
                tool, "-w", "-A", "OUTPUT", "-p", "tcp", "--tcp-flags", "RST", "RST", "-j", "DROP")).RequireSuccess();
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task SYNs_without_the_third_ACK_are_given_up_towards_the_server(AddressFamily family)
    {
        var before = await IdleAsync();
        using var listener = Connection.Listen(Lab, family, "legacy", 7000, backlog: 4096);
        using var sender = Client.InNamespace(() => new RawPacketSocket(mark: 0));
        var server = Lab.EndpointOf("legacy", family, 7000).ToString();

        for (var port = FirstPort; port < FirstPort + Count; port++)
        {
            var syn = PacketBuilder.LinuxMptcpSyn(Lab.EndpointOf("client", family, port).ToString(), server).Build();
            Assert.That(sender.Send(syn), Is.EqualTo(Errno.None));
        }

        await StatusWhenAsync(status => status.Contexts == Count, "a context for each SYN");
        await Condition.WaitAsync(
            async () => await HalfOpenAsync() == Count, Patience, "the server has all of them half open", Deadline);
        var after = await StatusWhenAsync(
            status => status.Released("clientVanished") - before.Released("clientVanished") == Count,
            "all of them are given up");
        await Condition.WaitAsync(async () => await HalfOpenAsync() == 0, Patience, "the server knows", Deadline);
        Assert.That((after.Contexts, after.TotalFlows), Is.EqualTo((0L, before.TotalFlows)));
        Assert.That(listener.Poll(0, SelectMode.SelectRead), Is.False, "a connection at the server");
        await StatusWhenAsync(status => status.Listeners == 0, "the listener has no users");
    }

    // As if the kernel had missed the half-open socket, which a test cannot bring about: it answers for the listener.
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task RST_of_the_own_kernel_is_held_back_as_long_as_the_handshake_is_under_way(AddressFamily family)
    {
        const int SourcePort = FirstPort - 1;
        var before = await IdleAsync();
        using var listener = Connection.Listen(Lab, family, "legacy", 7000);
        using var sender = Client.InNamespace(() => new RawPacketSocket(mark: 0));
        using var capture = new PacketCapture(Client);
        var client = Lab.EndpointOf("client", family, SourcePort).ToString();
        var server = Lab.EndpointOf("legacy", family, 7000).ToString();
        Assert.That(sender.Send(PacketBuilder.LinuxMptcpSyn(client, server).Build()), Is.EqualTo(Errno.None));
        await capture.ReceiveAsync(sourcePort: 7000, Deadline);

        Assert.That(sender.Send(PacketBuilder.Ack(client, server).Sequence(1).Acknowledging(1).Build()), Is.EqualTo(Errno.None));

        await StatusWhenAsync(
            status => status.Bypassed("earlyReset") - before.Bypassed("earlyReset") == 1, "the RST is held back");
    }

    private async Task<int> HalfOpenAsync() =>
        (await Legacy.RunAsync("ss", "-Htan", "state", "syn-recv")).RequireSuccess()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
}
