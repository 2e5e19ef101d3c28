using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>What the server sends goes past the box: it stays out, and client and server notice nothing.</summary>
public sealed class AsymmetricRouteTests() : ServingLabFixture("one-proxy")
{
    private const long Amount = 1_000_000;

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string> { ["Middlebox:Negotiation:ServerTimeout"] = "00:00:01" },
    };

    // A link from the server to the router of the client's other access, and the way to the client's first address over it.
    protected override async Task PrepareAsync()
    {
        await ShellAsync(Legacy, $"""
            ip link add past type veth peer name past netns {Lab["router"].NamespaceName}
            ip addr add 198.18.20.2/24 dev past; ip addr add 2001:db8:20::2/64 dev past nodad; ip link set past up
            ip route add 198.18.1.0/24 via 198.18.20.1 dev past onlink; ip route add 2001:db8:1::/64 via 2001:db8:20::1 dev past onlink
            """);
        await ShellAsync(Lab["router"], """
            ip addr add 198.18.20.1/24 dev past; ip addr add 2001:db8:20::1/64 dev past nodad; ip link set past up
            ip route add 198.18.1.0/24 via 198.18.2.2; ip route add 2001:db8:1::/64 via 2001:db8:2::2
            """);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Answers_go_past_the_box_connection_works_unproxied_and_nothing_is_left(AddressFamily family)
    {
        var before = await Box.StatusAsync(Deadline);
        using (var connection = await ConnectAsync(family))
        {
            var up = ByteStream.ReceiveAsync(connection.Server, Deadline);
            var down = ByteStream.ReceiveAsync(connection.Client, Deadline);
            var sent = await Task.WhenAll(
                ByteStream.SendAllAsync(connection.Client, Amount, Deadline), ByteStream.SendAllAsync(connection.Server, Amount, Deadline));
            Assert.That(await up, Is.EqualTo(sent[0]));
            Assert.That(await down, Is.EqualTo(sent[1]));
        }

        var after = await IdleAsync();
        Assert.That(after.ContextsCreated - before.ContextsCreated, Is.EqualTo(1), "the box has seen the SYN");
        Assert.That(after.Released("unanswered") - before.Released("unanswered"), Is.EqualTo(1));
        Assert.That(after.TotalFlows, Is.EqualTo(before.TotalFlows));
    }

    private static async Task ShellAsync(LabHost host, string commands) =>
        (await host.RunAsync(["sh", "-ec", commands], null, CancellationToken.None)).RequireSuccess();
}
