using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Endings;

/// <summary>
/// The side that closes first keeps the addresses and ports in TIME-WAIT (RFC 9293 section 3.6.1). If that is the server, it
/// is the box as well; the client may use its port again at once.
/// </summary>
[TestFixture("one-proxy")]
[TestFixture("masquerade")]
public sealed class ReusedPortTests(string topology) : ServingLabFixture(topology)
{
    private const int ServerFirstPort = 40_000;
    private const int ClientFirstPort = 40_001;

    // A SYN that is not answered is repeated after a second.
    private static readonly TimeSpan SynTimeout = TimeSpan.FromSeconds(1);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Port_used_again_after_the_server_has_closed_first_is_served_at_once(AddressFamily family)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var before = await IdleAsync();
            var start = Stopwatch.GetTimestamp();
            using var connection = await ConnectAsync(family, clientPort: ServerFirstPort);
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(SynTimeout), $"connection {attempt}");
            await connection.GreetAsync(Deadline);
            Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);

            connection.Server.Shutdown(SocketShutdown.Send);
            await ByteStream.ReceiveAsync(connection.Client, Deadline);
            connection.Client.Dispose();
            await ByteStream.ReceiveAsync(connection.Server, Deadline);
            Assert.That((await IdleAsync()).Ended("finished") - before.Ended("finished"), Is.EqualTo(1));
            Assert.That(await InTimeWaitAsync(ServerFirstPort), Is.Not.Empty, "otherwise this test shows nothing");
        }
    }

    /// <summary>Linux lets a client reuse its own ports after a second, if it is told to; others after some seconds.</summary>
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Port_used_again_after_the_client_has_closed_first_is_served_at_once(AddressFamily family)
    {
        (await Client.RunAsync("sysctl", "-w", "net.ipv4.tcp_tw_reuse=1")).RequireSuccess();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await IdleAsync();
            var (connection, elapsed) = await ConnectWhenFreeAsync(family);
            using (connection)
            {
                Assert.That(elapsed, Is.LessThan(SynTimeout), $"connection {attempt}");
                await connection.GreetAsync(Deadline);
                Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);
                connection.Client.Shutdown(SocketShutdown.Send);
                await ByteStream.ReceiveAsync(connection.Server, Deadline);
            }

            await IdleAsync();
            Assert.That(await InTimeWaitAsync(ClientFirstPort), Is.Not.Empty, "otherwise this test shows nothing");
        }
    }

    /// <summary>Connects as soon as the client's kernel allows it.</summary>
    /// <returns>The connection, and how long it took to come about.</returns>
    private async Task<(Connection Connection, TimeSpan Elapsed)> ConnectWhenFreeAsync(AddressFamily family)
    {
        (Connection Connection, TimeSpan Elapsed)? made = null;
        await Condition.WaitAsync(
            async () =>
            {
                var start = Stopwatch.GetTimestamp();
                try
                {
                    made = (await ConnectAsync(family, clientPort: ClientFirstPort), Stopwatch.GetElapsedTime(start));
                    return true;
                }
                catch (SocketException failure) when (failure.SocketErrorCode is SocketError.AddressNotAvailable
                    or SocketError.AddressAlreadyInUse)
                {
                    return false;
                }
            },
            Patience, "the client may use its port again", Deadline);
        return made!.Value;
    }

    private async Task<string> InTimeWaitAsync(int clientPort) =>
        (await Box.RunAsync("ss", "-H", "-t", "-a", "-n", "state", "time-wait", $"( dport = :{clientPort} or sport = :{clientPort} )"))
            .RequireSuccess();
}
