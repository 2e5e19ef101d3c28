using System.Net.Sockets;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>Relayed connections whose segments take the rules, each for another reason.</summary>
[TestFixture("Middlebox:Addressed:FastPath", "false", "true", null)]
[TestFixture(
    "Middlebox:Name", "marked", "ip rule add priority 99 fwmark 7 lookup main",
    "because a routing rule goes by marks, which rules set: 99:\tfrom all fwmark 0x7 lookup main")]
[TestFixture(
    "Middlebox:Name", "encrypted", "ip xfrm policy add src 203.0.113.0/24 dst 203.0.113.0/24 dir fwd action block", "because there are IPsec policies: dir fwd action block")]
public sealed class RulesOnlyTests(string setting, string value, string before, string? told) : AddressedFixture
{
    protected override LabOptions Options => new() { BoxSettings = new Dictionary<string, string> { [setting] = value } };

    protected override async Task PrepareAsync() => (await Proxy.RunAsync(before.Split(' ')[0], before.Split(' ')[1..])).RequireSuccess();

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Nothing_is_led_past_them(AddressFamily family)
    {
        using var connection = await ConnectAsync(family, "legacy", port: 22);
        await AssertBytesArriveAsync(connection.Client, connection.Server, 1_000_000);
        Assert.That(await CountAsync(Proxy, "addressed", "carried"), Is.Zero);
        Assert.That(await CountAsync(Proxy, "addressed", "relayed"), Is.Positive);
        Assert.That(Proxy.BoxLog, told is null ? Does.Not.Contain("Relayed segments") : Does.Contain(told));
    }

    // They are the host's, and for others too.
    [Test]
    public async Task Connection_tracking_keeps_its_times()
    {
        foreach (var (name, asItWas) in new[] { ("unacknowledged", "300"), ("max_retrans", "300") })
            Assert.That((await Proxy.RunAsync("sysctl", "-n", $"net.netfilter.nf_conntrack_tcp_timeout_{name}")).Output.Trim(), Is.EqualTo(asItWas));
    }
}
