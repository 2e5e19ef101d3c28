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
    private const int ClientPort = 40_000;

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
            using var connection = await ConnectAsync(family, clientPort: ClientPort);
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(SynTimeout), $"connection {attempt}");
            await connection.GreetAsync(Deadline);
            Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);

            connection.Server.Shutdown(SocketShutdown.Send);
            await ByteStream.ReceiveAsync(connection.Client, Deadline);
            connection.Client.Dispose();
            await ByteStream.ReceiveAsync(connection.Server, Deadline);
            Assert.That((await IdleAsync()).Ended("finished") - before.Ended("finished"), Is.EqualTo(1));
            Assert.That(await InTimeWaitAsync(), Is.Not.Empty, "otherwise this test shows nothing");
        }
    }

    private async Task<string> InTimeWaitAsync() =>
        (await Box.RunAsync("ss", "-H", "-t", "-a", "-n", "state", "time-wait", "dport", "=", $":{ClientPort}"))
            .RequireSuccess();
}
