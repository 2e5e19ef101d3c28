using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>Between the client and the box one access is behind a translation: box and server see another address and port than the client has.</summary>
public sealed class TranslatedAccessTests() : ServingLabFixture("one-proxy")
{
    private const long Amount = 1_000_000;

    // What comes over LTE has the router's address, and a port of its choice.
    protected override async Task PrepareAsync()
    {
        foreach (var tool in new[] { "iptables", "ip6tables" })
        {
            (await Lab["router"].RunAsync(
                tool, "-w", "-t", "nat", "-A", "POSTROUTING", "-o", "backhaul", "-p", "tcp", "-j", "MASQUERADE", "--random")).RequireSuccess();
        }

        await ShellAsync("""
            ip rule add from 198.18.1.2 table 1; ip route add default via 198.18.1.1 dev wifi table 1
            ip -6 rule add from 2001:db8:1::2 table 1; ip -6 route add default via 2001:db8:1::1 dev wifi table 1
            """);
    }

    [TestCase("wifi", "lte", 1, 2, AddressFamily.InterNetwork)]
    [TestCase("lte", "wifi", 2, 1, AddressFamily.InterNetwork)]
    [TestCase("wifi", "lte", 1, 2, AddressFamily.InterNetworkV6)]
    [TestCase("lte", "wifi", 2, 1, AddressFamily.InterNetworkV6)]
    public async Task First_path_or_join_is_translated_both_carry_bytes(string first, string second, int firstNetwork, int secondNetwork, AddressFamily family)
    {
        await ShellAsync($"""
            ip route replace default via 198.18.{firstNetwork}.1 dev {first}; ip -6 route replace default via 2001:db8:{firstNetwork}::1 dev {first}
            ip mptcp endpoint flush
            ip mptcp endpoint add 198.18.{secondNetwork}.2 dev {second} subflow; ip mptcp endpoint add 2001:db8:{secondNetwork}::2 dev {second} subflow
            """);

        using var connection = await ConnectOverBothAccessesAsync(family);

        var seen = first == "wifi" ? Lab.AddressOf("client", family, "wifi") : Lab.AddressOf("router", family, "backhaul");
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(seen));
        await AssertBytesArriveAsync(connection.Client, connection.Server, Amount);
        await AssertBytesArriveAsync(connection.Server, connection.Client, Amount);
    }

    private async Task ShellAsync(string commands) => (await Client.RunAsync(["sh", "-ec", commands], null, CancellationToken.None)).RequireSuccess();
}
