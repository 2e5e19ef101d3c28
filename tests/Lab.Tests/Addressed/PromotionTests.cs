using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>A capable server: connections begin over the proxy and leave it.</summary>
public sealed class PromotionTests : AddressedFixture
{
    private const long Amount = 100_000_000;

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task All_bytes_but_a_hundredth_take_the_direct_paths(AddressFamily family)
    {
        using var connection = await ConnectDirectlyAsync(family);
        Assert.That(connection.ClientAddressAtServer.Address, Is.EqualTo(Lab.AddressOf("proxy", family)), "the first subflow comes from the proxy");
        Assert.That(((IPEndPoint)connection.Client.RemoteEndPoint!).Address, Is.EqualTo(Lab.AddressOf("capable", family)), "which the client does not notice");

        var before = OctetsOverTheProxy;
        await AssertBytesArriveAsync(connection.Client, connection.Server, Amount);
        await AssertBytesArriveAsync(connection.Server, connection.Client, Amount);
        // What takes the proxy crosses its link twice.
        Assert.That(OctetsOverTheProxy - before, Is.LessThan(2 * Amount / 100 * 2));

        var flow = $"{connection.ClientAddress} > {Lab.EndpointOf("capable", family, 7000)}";
        var told = (await Proxy.AskAsync(Deadline, "trace", "--past", "--count", "3", "--client", $"{connection.ClientAddress.Address}")).RequireSuccess();
        Assert.That(told, Does.Contain($"{flow}  SYN: forward, namedServerRelayed: ").And.Contain($"({Lab.EndpointOf("proxy", family, 5125)})"));
        Assert.That(told, Does.Contain($"{flow}  SYN/ACK: forward, serverCapable: ").And.Contain($"{flow}  context ended, hostKnowsServer: "));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Direct_paths_cut_the_proxy_carries_on(AddressFamily family)
    {
        using var connection = await ConnectDirectlyAsync(family);
        var before = OctetsOverTheProxy;
        var cut = new TaskCompletionSource();
        var receiving = ByteStream.ReceiveAsync(connection.Server, Deadline, atMost: 2 * Amount, received =>
        {
            if (received > Amount / 10)
                cut.TrySetResult();
        });
        var sending = ByteStream.SendAsync(connection.Client, 2 * Amount, Deadline);
        await cut.Task.WaitAsync(Deadline);
        await CutDirectPathsAsync();
        try
        {
            Assert.That(await receiving, Is.EqualTo(await sending));
            Assert.That(OctetsOverTheProxy - before, Is.GreaterThan(Amount), "the rest has gone over the proxy");
        }
        finally
        {
            await MendDirectPathsAsync();
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Proxy_dead_the_connection_carries_on(AddressFamily family)
    {
        using var connection = await ConnectDirectlyAsync(family);
        await Proxy.KillBoxAsync(Deadline);
        await Lab.CutAsync("proxy", Deadline);
        try
        {
            await AssertBytesArriveAsync(connection.Client, connection.Server, Amount / 10);
            await AssertBytesArriveAsync(connection.Server, connection.Client, Amount / 10);
        }
        finally
        {
            await Lab.RestoreAsync("proxy", Deadline);
            await Proxy.StartBoxAsync(Deadline);
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_that_only_the_proxy_reaches(AddressFamily family)
    {
        await CutDirectPathsAsync();
        try
        {
            using var connection = await ConnectAsync(family, "capable");
            await connection.GreetAsync(Deadline);
            var before = OctetsOverTheProxy;
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
            soon.CancelAfter(Patience);
            var receiving = ByteStream.ReceiveAsync(connection.Server, soon.Token, atMost: Amount / 5);
            Assert.That(await ByteStream.SendAsync(connection.Client, Amount / 5, soon.Token), Is.EqualTo(await receiving));
            Assert.That(OctetsOverTheProxy - before, Is.GreaterThan(2 * Amount / 5));
        }
        finally
        {
            await MendDirectPathsAsync();
        }
    }

    [Test]
    public async Task Servers_verb_on_the_host_tells_what_was_learnt()
    {
        using var capable = await ConnectDirectlyAsync(AddressFamily.InterNetwork);
        using var legacy = await ConnectAsync(AddressFamily.InterNetworkV6, "legacy");
        await legacy.GreetAsync(Deadline);
        Assert.That(
            (await Client.AskAsync(Deadline, "servers")).RequireSuccess(),
            Does.Contain("198.18.11.2:7000  speaks MPTCP").And.Contain("[2001:db8:10::2]:7000  does not speak MPTCP"));
        Assert.That((await Client.AskAsync(Deadline, "status")).RequireSuccess(), Does.Contain("  over proxy "));
        Assert.That((await Proxy.AskAsync(Deadline, "status")).RequireSuccess(), Does.Contain("  addressed "));
    }
}
