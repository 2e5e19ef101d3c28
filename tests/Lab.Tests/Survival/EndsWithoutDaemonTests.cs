using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Survival;

/// <summary>What happens while one daemon is dead and the next one does not serve yet.</summary>
public sealed class EndsWithoutDaemonTests() : KeptBoxFixture("one-proxy")
{
    // A SYN or SYN/ACK that is lost is repeated after a second.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(800);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Bytes_sent_and_ends_said_meanwhile_arrive(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);

        await KillDaemonAsync();
        var up = await ByteStream.SendAllAsync(connection.Client, 100_000, Deadline);
        var down = await ByteStream.SendAllAsync(connection.Server, 50_000, Deadline);

        Assert.That(await ByteStream.ReceiveAsync(connection.Server, Deadline), Is.EqualTo(up));
        Assert.That(await ByteStream.ReceiveAsync(connection.Client, Deadline), Is.EqualTo(down));
        await NextDaemonAsync();
        Assert.That((await IdleAsync()).Ended("finished"), Is.EqualTo(1));
    }

    [Test]
    public async Task Half_closed_before_the_other_direction_goes_on()
    {
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        var up = await ByteStream.SendAllAsync(connection.Client, 30_000, Deadline);
        Assert.That(await ByteStream.ReceiveAsync(connection.Server, Deadline), Is.EqualTo(up));

        await KillDaemonAsync();
        await NextDaemonAsync();

        var down = ByteStream.SendAllAsync(connection.Server, 30_000_000, Deadline);
        Assert.That(await ByteStream.ReceiveAsync(connection.Client, Deadline), Is.EqualTo(await down));
        Assert.That((await IdleAsync()).Ended("finished"), Is.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Reset_meanwhile_is_passed_on(bool isClients)
    {
        using var connection = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        var (resetting, other) = isClients ? (connection.Client, connection.Server) : (connection.Server, connection.Client);

        await KillDaemonAsync();
        Connection.Reset(resetting);

        var failure = await Assert.ThrowsAsync<SocketException>(() => ByteStream.ReceiveAsync(other, Deadline));
        Assert.That(failure!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset).Or.EqualTo(SocketError.Shutdown));
        await NextDaemonAsync();
        await IdleAsync();
    }

    [Test]
    public async Task New_connections_pass_meanwhile_and_are_served_afterwards()
    {
        using var kept = await ConnectOverBothAccessesAsync(AddressFamily.InterNetwork);
        var answers = Client.Counter("MPTcpExtMPCapableSYNACKRX");

        await KillDaemonAsync();
        var watch = Stopwatch.StartNew();
        using (var passing = await ConnectAsync(AddressFamily.InterNetwork, port: 7001))
            await passing.GreetAsync(Deadline);
        Assert.That(watch.Elapsed, Is.LessThan(AtOnce));
        Assert.That(Client.Counter("MPTcpExtMPCapableSYNACKRX"), Is.EqualTo(answers), "nobody has spoken MPTCP");

        await NextDaemonAsync();
        await StatusWhenAsync(status => status.ActiveFlows == 1, "the next daemon has the first connection");
        using var served = await ConnectAsync(AddressFamily.InterNetwork, port: 7002);
        await served.GreetAsync(Deadline);
        await kept.GreetAsync(Deadline);
        Assert.That((await Box.StatusAsync(Deadline)).ActiveFlows, Is.EqualTo(2));
    }

    // The listener outlives the daemon too: without it the kernel would refuse the join.
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Subflow_of_an_old_connection_is_joined_afterwards(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);
        await KillDaemonAsync();
        await NextDaemonAsync();

        // The kernel opens a subflow for running connections when an address is added.
        await SetEndpointsAsync("ip mptcp endpoint flush");
        await FlowAsync(subflows: 1);
        await SetEndpointsAsync(
            $"ip mptcp endpoint add {Second(AddressFamily.InterNetwork)} dev lte subflow; ip mptcp endpoint add {Second(AddressFamily.InterNetworkV6)} dev lte subflow");

        await FlowAsync(subflows: 2);
        await connection.GreetAsync(Deadline);

        IPAddress Second(AddressFamily family) => Lab.AddressOf("client", family, "lte");
    }

    private async Task SetEndpointsAsync(string commands) =>
        (await Client.RunAsync(["sh", "-ec", commands], null, Deadline)).RequireSuccess();
}
