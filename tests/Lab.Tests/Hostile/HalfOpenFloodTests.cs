using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native;
using Middlebox.Testing;

namespace Middlebox.Lab.Tests.Hostile;

/// <summary>SYNs that nobody completes take no places from connections that somebody does.</summary>
public sealed class HalfOpenFloodTests() : ServingLabFixture("one-proxy")
{
    private const int MaxHalfOpen = 50;
    private const int FirstPort = 30_000;
    private const int FloodedPort = 6999;
    private const AddressFamily Family = AddressFamily.InterNetwork;

    // More half-open connections than may be relayed; and they would wait for longer than the test does.
    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:ProxyEngine:MaxFlows"] = "20",
            ["Middlebox:Negotiation:MaxHalfOpen"] = $"{MaxHalfOpen}",
            ["Middlebox:Negotiation:ClientTimeout"] = "00:01:00",
        },
    };

    // The client's kernel knows nothing of these connections, and would reset them.
    protected override async Task PrepareAsync()
    {
        foreach (var tool in new[] { "iptables", "ip6tables" })
        {
            (await Client.RunAsync(
                tool, "-w", "-A", "OUTPUT", "-p", "tcp", "--tcp-flags", "RST", "RST",
                "--sport", $"{FirstPort}:{FirstPort + MaxHalfOpen}", "-j", "DROP")).RequireSuccess();
        }
    }

    [Test]
    public async Task Places_taken_by_half_open_connections_go_to_clients_that_are_alive()
    {
        using var listener = Connection.Listen(Lab, Family, "legacy", FloodedPort, backlog: 4096);
        SendSyns();
        await StatusWhenAsync(status => status.Contexts == MaxHalfOpen, "the bound of half-open connections is reached");

        // All of them are young.
        using (var plain = await ConnectAsync(Family))
            await plain.GreetAsync(Deadline);
        var refused = await Box.StatusAsync(Deadline);
        Assert.That((refused.Released("halfOpenLimit"), refused.TotalFlows), Is.EqualTo((1L, 0L)));

        BoxStatus? served = null;
        await Condition.WaitAsync(
            async () =>
            {
                using var connection = await ConnectAsync(Family);
                await connection.GreetAsync(Deadline);
                return (served = await Box.StatusAsync(Deadline)).TotalFlows > 0;
            },
            Patience,
            "a client that is alive is served",
            Deadline);
        Assert.That(served!.Released("displaced"), Is.GreaterThanOrEqualTo(1));
        Assert.That(served.Released("flowLimit"), Is.Zero);
        Assert.That(served.Released("clientVanished"), Is.Zero);
    }

    private void SendSyns()
    {
        using var sender = Client.InNamespace(() => new RawPacketSocket(mark: 0));
        var server = Lab.EndpointOf("legacy", Family, FloodedPort).ToString();
        for (var port = FirstPort; port < FirstPort + MaxHalfOpen; port++)
        {
            var syn = PacketBuilder.LinuxMptcpSyn(Lab.EndpointOf("client", Family, port).ToString(), server).Build();
            Assert.That(sender.Send(syn), Is.EqualTo(Errno.None));
        }
    }
}
