using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Survival;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>A link of the box is removed, with its device and addresses, and made again.</summary>
public sealed class RecreatedLinkTests() : ServingLabFixture("one-proxy")
{
    [Test]
    public async Task Link_made_again_during_transfers_they_arrive_byte_exact_and_new_connections_are_served()
    {
        using var ipv4 = new Transfer(await ConnectAsync(AddressFamily.InterNetwork), TimeSpan.FromMilliseconds(20), Deadline);
        using var ipv6 = new Transfer(await ConnectAsync(AddressFamily.InterNetworkV6, port: 7001), TimeSpan.FromMilliseconds(20), Deadline);
        await Condition.WaitAsync(() => ipv4.Received > 0 && ipv6.Received > 0, Patience, "the transfers go on", Deadline);

        await MakeAgainAsync();

        var seen = (ipv4.Received, ipv6.Received);
        await Condition.WaitAsync(() => ipv4.Received > seen.Item1 && ipv6.Received > seen.Item2, Patience, "the transfers go on", Deadline);
        await RequireServedAsync(AddressFamily.InterNetwork, port: 7002);
        await RequireServedAsync(AddressFamily.InterNetworkV6, port: 7003);
        await ipv4.FinishAsync();
        await ipv6.FinishAsync();
        await IdleAsync();
    }

    [Test]
    public async Task Link_made_again_while_idle_new_connections_are_served()
    {
        await MakeAgainAsync();
        await RequireServedAsync(AddressFamily.InterNetwork, port: 7002);
        await RequireServedAsync(AddressFamily.InterNetworkV6, port: 7003);
    }

    private async Task RequireServedAsync(AddressFamily family, int port)
    {
        var served = (await Box.StatusAsync(Deadline)).TotalFlows;
        using var connection = await ConnectAsync(family, port: port);
        await connection.GreetAsync(Deadline);
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows, Is.EqualTo(served + 1));
    }

    private async Task MakeAgainAsync()
    {
        (await Box.RunAsync(
            ["sh", "-ec", $"""
                ip link del legacy
                ip link add legacy type veth peer name legacy netns {Legacy.NamespaceName}
                ip addr add 198.18.10.1/24 dev legacy; ip addr add 2001:db8:10::1/64 dev legacy nodad; ip link set legacy up
                """],
            null, Deadline)).RequireSuccess();
        (await Legacy.RunAsync(
            ["sh", "-ec", """
                ip addr add 198.18.10.2/24 dev legacy; ip addr add 2001:db8:10::2/64 dev legacy nodad; ip link set legacy up
                ip route add default via 198.18.10.1; ip route add default via 2001:db8:10::1
                """],
            null, Deadline)).RequireSuccess();
    }
}
