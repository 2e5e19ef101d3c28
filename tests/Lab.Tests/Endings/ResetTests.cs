using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Endings;

/// <summary>A reset on one side of the box is a reset on the other: RST on TCP, MP_FASTCLOSE on MPTCP.</summary>
[TestFixture("one-proxy")]
[TestFixture("masquerade")]
public sealed class ResetTests(string topology) : ServingLabFixture(topology)
{
    private const long Flood = 1_000_000_000;

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Reset_by_the_client_resets_the_server(AddressFamily family)
    {
        var before = await IdleAsync();
        using var connection = await ConnectOverBothAccessesAsync(family);

        Connection.Reset(connection.Client);

        await RequireResetAsync(connection.Server);
        Assert.That((await IdleAsync()).Ended("clientReset") - before.Ended("clientReset"), Is.EqualTo(1));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Reset_by_the_server_resets_the_client(AddressFamily family)
    {
        var before = await IdleAsync();
        using var connection = await ConnectOverBothAccessesAsync(family);

        Connection.Reset(connection.Server);

        await RequireResetAsync(connection.Client);
        Assert.That((await IdleAsync()).Ended("serverReset") - before.Ended("serverReset"), Is.EqualTo(1));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Reset_by_the_client_at_once_resets_the_server(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);

        Connection.Reset(connection.Client);

        await RequireResetAsync(connection.Server);
        await IdleAsync();
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Reset_by_the_server_at_once_resets_the_client(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);

        Connection.Reset(connection.Server);

        await RequireResetAsync(connection.Client);
        await IdleAsync();
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Reset_by_the_client_stops_a_server_that_is_sending(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);
        var sending = ByteStream.SendAsync(connection.Server, Flood, Deadline);
        await ByteStream.ReceiveAsync(connection.Client, Deadline, atMost: 1_000_000);

        Connection.Reset(connection.Client);

        await RequireResetAsync(sending);
        await IdleAsync();
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Reset_by_the_server_stops_a_client_that_is_sending(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);
        var sending = ByteStream.SendAsync(connection.Client, Flood, Deadline);
        await ByteStream.ReceiveAsync(connection.Server, Deadline, atMost: 1_000_000);

        Connection.Reset(connection.Server);

        await RequireResetAsync(sending);
        await IdleAsync();
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Reset_by_the_server_after_the_client_has_ended_resets_the_client(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);
        await ByteStream.SendAllAsync(connection.Client, 1000, Deadline);
        await ByteStream.ReceiveAsync(connection.Server, Deadline);

        Connection.Reset(connection.Server);

        await RequireResetAsync(connection.Client);
        await IdleAsync();
    }

    /// <summary>
    /// A server that refuses an upload answers and closes with data unread, which makes its kernel send a RST right behind
    /// the answer (RFC 2525 section 2.17).
    /// </summary>
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Refusal_of_an_upload_is_heard_before_the_reset(AddressFamily family)
    {
        for (var attempt = 0; attempt < 50; attempt++)
        {
            using var connection = await ConnectAsync(family);
            await connection.Client.SendAsync(new byte[200_000], Deadline);
            await connection.Server.ReceiveAsync(new byte[1], Deadline);
            await connection.Server.SendAsync("413"u8.ToArray(), Deadline);
            connection.Server.Dispose();

            var answer = new byte[3];
            for (var length = 0; length < answer.Length;)
                length += await connection.Client.ReceiveAsync(answer.AsMemory(length), Deadline);
            Assert.That(answer, Is.EqualTo("413"u8.ToArray()), $"attempt {attempt}");
        }
    }

    private Task RequireResetAsync(Socket socket) => RequireResetAsync(ByteStream.ReceiveAsync(socket, Deadline));

    private static async Task RequireResetAsync(Task<StreamDigest> call)
    {
        var failure = await Assert.ThrowsAsync<SocketException>(() => call);
        Assert.That(failure!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset).Or.EqualTo(SocketError.Shutdown));
    }
}
