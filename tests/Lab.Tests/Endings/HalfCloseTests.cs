using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Endings;

/// <summary>Each direction ends by itself (RFC 9293 section 3.6).</summary>
[TestFixture("one-proxy")]
[TestFixture("masquerade")]
public sealed class HalfCloseTests(string topology) : ServingLabFixture(topology)
{
    private const long Amount = 5_000_000;

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Client_ends_first_and_the_server_goes_on(AddressFamily family)
    {
        var before = await IdleAsync();
        using var connection = await ConnectAsync(family);

        await EndFirstAsync(connection.Client, connection.Server);

        await RequireFinishedAsync(connection, before.Ended("finished"));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_ends_first_and_the_client_goes_on(AddressFamily family)
    {
        var before = await IdleAsync();
        using var connection = await ConnectAsync(family);
        await connection.GreetAsync(Deadline);

        await EndFirstAsync(connection.Server, connection.Client);

        await RequireFinishedAsync(connection, before.Ended("finished"));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_speaks_first(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);

        await connection.Server.SendAsync("220 ready\r\n"u8.ToArray(), Deadline);
        var banner = await ByteStream.ReceiveAsync(connection.Client, Deadline, atMost: 11);
        await connection.Client.SendAsync("HELO\r\n"u8.ToArray(), Deadline);
        var answer = await ByteStream.ReceiveAsync(connection.Server, Deadline, atMost: 6);

        Assert.That((banner.Length, answer.Length), Is.EqualTo((11L, 6L)));
        Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_speaks_and_ends_before_the_client_has_said_anything(AddressFamily family)
    {
        using var connection = await ConnectAsync(family);
        var receiving = ByteStream.ReceiveAsync(connection.Client, Deadline);

        var sent = await ByteStream.SendAllAsync(connection.Server, Amount, Deadline);

        Assert.That(await receiving, Is.EqualTo(sent));
    }

    /// <summary>One side says something and ends; when the other has seen that, it answers at length and ends too.</summary>
    private async Task EndFirstAsync(Socket first, Socket second)
    {
        var request = await ByteStream.SendAllAsync(first, 1000, Deadline);
        Assert.That(await ByteStream.ReceiveAsync(second, Deadline), Is.EqualTo(request));
        var receiving = ByteStream.ReceiveAsync(first, Deadline);
        var response = await ByteStream.SendAllAsync(second, Amount, Deadline);
        Assert.That(await receiving, Is.EqualTo(response));
    }

    private async Task RequireFinishedAsync(Connection connection, long before)
    {
        connection.Dispose();
        Assert.That((await IdleAsync()).Ended("finished") - before, Is.EqualTo(1));
    }
}
