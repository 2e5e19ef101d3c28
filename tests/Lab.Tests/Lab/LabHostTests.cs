using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Lab;

public sealed class LabHostTests : LabFixture
{
    [TestCase(AddressFamily.InterNetwork, "198.18.11.2", true)]
    [TestCase(AddressFamily.InterNetwork, "198.18.11.2", false)]
    [TestCase(AddressFamily.InterNetworkV6, "2001:db8:11::2", true)]
    [TestCase(AddressFamily.InterNetworkV6, "2001:db8:11::2", false)]
    public async Task Sockets_of_a_host_connect_accept_send_and_receive(AddressFamily family, string address, bool mptcp)
    {
        var lab = await UpAsync("one-proxy", new LabOptions { StartServers = false });
        using var deadline = new CancellationTokenSource(Patience);
        using var listener = lab["capable"].CreateTcpSocket(family, mptcp);
        listener.Bind(new IPEndPoint(IPAddress.Parse(address), 7000));
        listener.Listen();
        using var client = lab["client"].CreateTcpSocket(family, mptcp);
        var accepting = listener.AcceptAsync(deadline.Token);

        await client.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), 7000), deadline.Token);
        using var server = await accepting;
        await client.SendAsync("ping"u8.ToArray(), deadline.Token);
        client.Shutdown(SocketShutdown.Send);
        var buffer = new byte[16];
        var request = await server.ReceiveAsync(buffer, deadline.Token);
        var end = await server.ReceiveAsync(buffer.AsMemory(request), deadline.Token);
        await server.SendAsync("pong!"u8.ToArray(), deadline.Token);
        var response = await client.ReceiveAsync(buffer, deadline.Token);

        Assert.That((request, end, response), Is.EqualTo((4, 0, 5)));
        Assert.That(((IPEndPoint)server.RemoteEndPoint!).Address, Is.EqualTo(((IPEndPoint)client.LocalEndPoint!).Address));
        var listing = (await lab["client"].RunAsync("ss", "-HnM")).RequireSuccess();
        Assert.That(listing.Contains(address, StringComparison.Ordinal), Is.EqualTo(mptcp));
    }

    // Else the kernel would give every other connection to a listener that a test before has left.
    [Test]
    public async Task A_port_has_one_listener([Values] bool mptcp)
    {
        var lab = await UpAsync("one-proxy", new LabOptions { StartServers = false });
        using var first = ServerSocket.Listen(lab["capable"], AddressFamily.InterNetwork, mptcp, 7000);
        using var second = lab["capable"].CreateTcpSocket(AddressFamily.InterNetwork, mptcp);

        var refused = Assert.Throws<SocketException>(() =>
        {
            second.Bind(new IPEndPoint(IPAddress.Any, 7000));
            second.Listen();
        });
        Assert.That(refused!.SocketErrorCode, Is.EqualTo(SocketError.AddressAlreadyInUse));
    }

    [Test]
    public async Task A_command_gives_its_exit_code_and_both_outputs()
    {
        var lab = await UpAsync("one-proxy", new LabOptions { StartServers = false });

        var result = await lab["client"].RunAsync(["sh", "-c", "cat; echo oops >&2; exit 7"], "hello", CancellationToken.None);

        Assert.That(result, Is.EqualTo(new CommandResult(7, "hello", "oops\n")));
        Assert.That(() => result.RequireSuccess(), Throws.TypeOf<LabException>().With.Message.Contains("oops"));
    }

    [Test]
    public async Task A_background_process_logs_and_takes_signals()
    {
        var lab = await UpAsync("one-proxy", new LabOptions { StartServers = false });
        using var deadline = new CancellationTokenSource(Patience);
        var process = lab["client"].Start("sh", "-c", "echo ready; exec sleep 1000");
        await Condition.WaitAsync(
            () => process.ReadLog().Contains("ready", StringComparison.Ordinal), Patience, "the shell is ready");

        process.Signal(ProcessSignal.Kill);

        Assert.That(await process.WaitForExitAsync(deadline.Token), Is.EqualTo(128 + 9));
    }

    [Test]
    public async Task A_host_without_a_box_says_so()
    {
        var lab = await UpAsync("one-proxy", new LabOptions { StartServers = false });

        var exception = await Assert.ThrowsAsync<LabException>(() => lab["client"].StartBoxAsync());

        Assert.That(exception!.Message, Does.Contain("client has no box"));
        Assert.That(() => lab["nobody"], Throws.TypeOf<LabException>().With.Message.Contains("use one of client, router, box"));
    }
}
