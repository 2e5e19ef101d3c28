using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Endings;

/// <summary>A peer that falls silent: the box notices, and tells the other one.</summary>
public sealed class VanishedPeerTests() : ServingLabFixture("one-proxy")
{
    private static readonly string[] Accesses = ["wifi", "lte"];
    private static readonly string[] ServerLinks = ["legacy"];

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string>
        {
            ["Middlebox:ProxyEngine:KeepAliveAfter"] = "00:00:01",
            ["Middlebox:ProxyEngine:KeepAliveInterval"] = "00:00:01",
            ["Middlebox:ProxyEngine:IdleTimeout"] = "00:00:06",
        },
    };

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Client_vanishes_and_the_server_is_reset(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);

        await WhileCutAsync(Accesses, () => RequireResetAsync(connection.Server));
    }

    // MPTCP repeats the byte five times a second, for as long as it may: that is no sign of life.
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Client_vanishes_before_it_has_the_answer_and_the_server_is_reset(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);

        await WhileCutAsync(Accesses, async () =>
        {
            await ByteStream.SendAsync(connection.Server, 1, Deadline);
            await RequireResetAsync(connection.Server);
        });
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Client_vanishes_and_a_server_that_is_sending_is_reset(AddressFamily family)
    {
        using var connection = await ConnectOverBothAccessesAsync(family);
        var sending = ByteStream.SendAsync(connection.Server, 1_000_000_000, Deadline);
        await ByteStream.ReceiveAsync(connection.Client, Deadline, atMost: 1_000_000);

        await WhileCutAsync(Accesses, async () =>
        {
            var failure = await Assert.ThrowsAsync<SocketException>(() => sending);
            Assert.That(failure!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
        });
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_vanishes_and_the_client_is_reset(AddressFamily family)
    {
        var before = await IdleAsync();
        using var connection = await ConnectOverBothAccessesAsync(family);

        await WhileCutAsync(ServerLinks, () => RequireResetAsync(connection.Client));

        Assert.That((await IdleAsync()).Ended("serverTimedOut") - before.Ended("serverTimedOut"), Is.EqualTo(1));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Both_are_silent_for_long_and_both_are_reset(AddressFamily family)
    {
        var before = await IdleAsync();
        using var connection = await ConnectOverBothAccessesAsync(family);

        await Task.WhenAll(RequireResetAsync(connection.Client), RequireResetAsync(connection.Server));

        Assert.That((await IdleAsync()).Ended("idle") - before.Ended("idle"), Is.EqualTo(1));
    }

    private async Task WhileCutAsync(string[] links, Func<Task> expectation)
    {
        await Task.WhenAll(links.Select(link => Lab.CutAsync(link)));
        try
        {
            await expectation();
            await IdleAsync();
        }
        finally
        {
            await Task.WhenAll(links.Select(link => Lab.RestoreAsync(link)));
        }
    }

    private async Task RequireResetAsync(Socket socket)
    {
        var failure = await Assert.ThrowsAsync<SocketException>(() => ByteStream.ReceiveAsync(socket, Deadline));
        Assert.That(failure!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
    }
}
