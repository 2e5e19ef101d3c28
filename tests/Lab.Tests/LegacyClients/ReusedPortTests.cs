using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>A client may use its port again, and use one port for several servers.</summary>
public sealed class ReusedPortTests : LegacyClientFixture
{
    private const int ClosedPort = 32_000;
    private const int SharedPort = 32_001;

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Port_used_again_after_the_server_has_closed_first_is_served_again(AddressFamily family)
    {
        var port = await KnownPortAsync(family);
        for (var i = 0; i < 3; i++)
        {
            using var connection = await ConnectAsync(family, "capable", port, ClosedPort);
            await connection.GreetAsync(Deadline);
            Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);
            connection.Server.Shutdown(SocketShutdown.Send);
            await ByteStream.ReceiveAsync(connection.Client, Deadline);
            connection.Client.Dispose();
            await ByteStream.ReceiveAsync(connection.Server, Deadline);
            await IdleAsync();
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Port_used_again_after_the_client_has_closed_first_is_served_again(AddressFamily family)
    {
        (await Client.RunAsync("sysctl", "-w", "net.ipv4.tcp_tw_reuse=1")).RequireSuccess();
        var port = await KnownPortAsync(family);
        for (var i = 0; i < 3; i++)
        {
            using var connection = await ConnectWhenFreeAsync(family, port);
            await connection.GreetAsync(Deadline);
            Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);
            connection.Client.Shutdown(SocketShutdown.Send);
            await ByteStream.ReceiveAsync(connection.Server, Deadline);
            connection.Server.Dispose();
            await ByteStream.ReceiveAsync(connection.Client, Deadline);
            await IdleAsync();
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task One_port_of_the_client_leads_to_several_servers(AddressFamily family)
    {
        var (first, second) = (await KnownPortAsync(family), await KnownPortAsync(family));
        using var one = await ConnectAsync(family, "capable", first, SharedPort);
        using var other = await ConnectAsync(family, "capable", second, SharedPort);
        await one.GreetAsync(Deadline);
        await other.GreetAsync(Deadline);
        Assert.That((await Box.FlowsAsync(Deadline)).Select(flow => flow.IsMptcp), Is.EqualTo(new[] { true, true }));
    }

    private async Task<Connection> ConnectWhenFreeAsync(AddressFamily family, int port)
    {
        Connection? made = null;
        await Condition.WaitAsync(
            async () =>
            {
                try
                {
                    made = await ConnectAsync(family, "capable", port, ClosedPort);
                    return true;
                }
                catch (SocketException failure) when (failure.SocketErrorCode is SocketError.AddressNotAvailable
                    or SocketError.AddressAlreadyInUse)
                {
                    return false;
                }
            },
            Patience, "the client may use its port again", Deadline);
        return made!;
    }
}
