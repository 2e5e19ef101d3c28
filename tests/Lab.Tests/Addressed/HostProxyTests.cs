using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>Which connections of the host go over the proxy, and what becomes of them when it says no. It serves only hosts that have its key.</summary>
public sealed class HostProxyTests : AddressedFixture
{
    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:Addressed:Ports"] = "7000-7999",
            ["Middlebox:Addressed:KeyFile"] = "{claimKeys}",
            ["Middlebox:Addressed:RequireTag"] = "true",
            ["Middlebox:HostProxy:KeyFile"] = "{claimKeys}",
        },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Legacy_server_sees_the_proxy(AddressFamily family)
    {
        using var connection = await ConnectAsync(family, "legacy");
        await connection.GreetAsync(Deadline);
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("proxy", family)));
        await AssertBytesArriveAsync(connection.Client, connection.Server, 1_000_000);
    }

    [Test]
    public async Task Program_without_mptcp_goes_directly()
    {
        using var connection = await ConnectAsync(AddressFamily.InterNetwork, "legacy", mptcp: false);
        await connection.GreetAsync(Deadline);
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("client", AddressFamily.InterNetwork, "wifi")));
    }

    [Test]
    public void Closed_port_is_refused(
        [Values(AddressFamily.InterNetwork, AddressFamily.InterNetworkV6)] AddressFamily family, [Values("capable", "legacy")] string server)
    {
        using var client = Client.CreateTcpSocket(family, mptcp: true);
        Assert.That(
            async () => await client.ConnectAsync(Lab.EndpointOf(server, family, 7999), Deadline),
            Throws.InstanceOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionRefused));
    }

    // The proxy's kernel answers with a reset, as for any port at which nothing listens.
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task What_the_proxy_does_not_allow_goes_directly(AddressFamily family)
    {
        var before = (Refused: await CountAsync(Proxy, "addressed", "refused", "serverNotAllowed"), Direct: await CountAsync(Client, "hostProxy", "refusedByProxy"));
        using var connection = await ConnectAsync(family, "capable", port: 8000);
        await connection.GreetAsync(Deadline);
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("client", family, "wifi")));
        Assert.That(await CountAsync(Proxy, "addressed", "refused", "serverNotAllowed"), Is.EqualTo(before.Refused + 1));
        Assert.That(await CountAsync(Client, "hostProxy", "refusedByProxy"), Is.EqualTo(before.Direct + 1));

        var explained = (await Client.AskAsync(Deadline, "explain", $"{connection.ClientAddress}", $"{Lab.EndpointOf("capable", family, 8000)}")).RequireSuccess();
        Assert.That(explained, Does.Contain($"SYN: forward, hostProxied: a rule sends this host's own connection over a proxy ({Lab.EndpointOf("proxy", family, 5125)})"));
        Assert.That(explained, Does.Contain("context ended, proxyRefused: ").And.Contain($"proxyRefuses at {connection.ClientAddress} > "));
        Assert.That(explained, Does.Contain("The next one, as this host's own: ").And.Not.Contain("olicy"), "which is about what is forwarded");
        var atProxy = (await Proxy.AskAsync(Deadline, "explain", $"{connection.ClientAddress}", $"{Lab.EndpointOf("capable", family, 8000)}")).RequireSuccess();
        Assert.That(atProxy, Does.Contain("SYN: refuse, serverNotAllowed: ").And.Contain($"({Lab.EndpointOf("proxy", family, 5125)})").And.Contain("namingNotAllowed at "));
        Assert.That(atProxy, Does.Contain("The next one, if its SYN names the server to this box: refused with a reset, by Middlebox:Addressed:Ports: "));
    }

    // Both have read the same file; then the host alone reads another.
    [TestCase(1, "tagWrong")]
    [TestCase(2, "tagKeyUnknown")]
    public async Task Host_with_another_key_is_refused_and_goes_directly(int id, string reason)
    {
        var right = await File.ReadAllTextAsync(Lab.ClaimKeyFile, Deadline);
        var refused = await CountAsync(Proxy, "addressed", "refused", reason);
        await GiveKeysAsync($"key {id} {new string('0', 64)}\nsign {id}\n");
        try
        {
            foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
            {
                using var connection = await ConnectAsync(family, "capable");
                await connection.GreetAsync(Deadline);
                Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("client", family, "wifi")));
                Assert.That(await CountAsync(Proxy, "addressed", "refused", reason), Is.EqualTo(++refused));
                var explained = (await Proxy.AskAsync(Deadline, "explain", $"{connection.ClientAddress}", $"{Lab.EndpointOf("capable", family, 7000)}")).RequireSuccess();
                Assert.That(explained, Does.Contain($"SYN: refuse, {reason}: ").And.Contain("tagRefused at "));
            }
        }
        finally
        {
            await GiveKeysAsync(right);
        }

        using var served = await ConnectAsync(AddressFamily.InterNetwork, "legacy");
        await served.GreetAsync(Deadline);
        Assert.That(served.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("proxy", AddressFamily.InterNetwork)));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Proxy_without_its_daemon_connections_go_directly_at_once(AddressFamily family)
    {
        await Proxy.KillBoxAsync(Deadline);
        try
        {
            var before = await CountAsync(Client, "hostProxy", "refusedByProxy");
            using var connection = await ConnectAsync(family, "capable");
            await connection.GreetAsync(Deadline);
            Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("client", family, "wifi")));
            Assert.That(await CountAsync(Client, "hostProxy", "refusedByProxy"), Is.EqualTo(before + 1), "not only when a SYN is repeated");
        }
        finally
        {
            await Proxy.StartBoxAsync(Deadline);
        }
    }

    [TestCase("iptables", "icmp-net-unreachable", AddressFamily.InterNetwork)]
    [TestCase("ip6tables", "icmp6-no-route", AddressFamily.InterNetworkV6)]
    public async Task Icmp_error_connections_go_directly_at_once(string tool, string error, AddressFamily family)
    {
        string[] rule = ["FORWARD", "-o", "proxy", "-p", "tcp", "-j", "REJECT", "--reject-with", error];
        (await Core.RunAsync(tool, ["-w", "-I", .. rule])).RequireSuccess();
        try
        {
            var before = await CountAsync(Client, "hostProxy", "refusedByProxy");
            using var connection = await ConnectAsync(family, "capable");
            await connection.GreetAsync(Deadline);
            Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("client", family, "wifi")));
            Assert.That(await CountAsync(Client, "hostProxy", "refusedByProxy"), Is.EqualTo(before + 1), "not only when a SYN is repeated");
        }
        finally
        {
            (await Core.RunAsync(tool, ["-w", "-D", .. rule])).RequireSuccess();
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Daemon_of_the_proxy_killed_relayed_connections_go_on(AddressFamily family)
    {
        await CutDirectPathsAsync();
        using var connection = await ConnectAsync(family, "capable");
        await connection.GreetAsync(Deadline);
        await Proxy.KillBoxAsync(Deadline);
        try
        {
            await AssertBytesArriveAsync(connection.Client, connection.Server, 1_000_000);
        }
        finally
        {
            await Proxy.StartBoxAsync(Deadline);
            await MendDirectPathsAsync();
        }

        await AssertBytesArriveAsync(connection.Server, connection.Client, 1_000_000);
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("proxy", family)));
    }

    [Test]
    public async Task Rules_are_gone_after_the_end()
    {
        foreach (var host in new[] { Proxy, Client })
        {
            Assert.That(await HostState.RulesAsync(host), Does.Contain(":MBX-NAT"), host.Name);
            await host.StopBoxAsync(Deadline);
            var left = await HostState.RulesAsync(host);
            await host.StartBoxAsync(Deadline);
            Assert.That(left, Is.Empty, host.Name);
        }
    }

    /// <summary>Has the host read other keys; the proxy keeps those that it has.</summary>
    private async Task GiveKeysAsync(string keys)
    {
        const string InForce = " is in force";
        var before = Client.BoxLog.Length;
        await File.WriteAllTextAsync(Lab.ClaimKeyFile, keys, Deadline);
        ProcessControl.Send(Client.BoxProcessId!.Value, ProcessSignal.HangUp);
        await Condition.WaitAsync(() => Client.BoxLog[before..].Contains(InForce, StringComparison.Ordinal), Patience, "the host has read its keys", Deadline);
    }
}
