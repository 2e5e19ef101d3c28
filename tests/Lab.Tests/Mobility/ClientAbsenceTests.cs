using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Mobility;

/// <summary>Break before make: a client that has left all its accesses, and said so, and comes back in time or too late.</summary>
public sealed class ClientAbsenceTests() : ServingLabFixture("one-proxy")
{
    private const int Port = 7310;
    private static readonly TimeSpan Absence = TimeSpan.FromSeconds(4);

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string> { ["Middlebox:ProxyEngine:ClientAbsence"] = $"{Absence}" },
    };

    [SetUp]
    public async Task BeAtHome()
    {
        (await Client.RunAsync("ip", "mptcp", "endpoint", "flush")).RequireSuccess();
        (await Client.RunAsync("ip", "mptcp", "endpoint", "add", "198.18.2.2", "dev", "lte", "subflow")).RequireSuccess();
    }

    [Test]
    public async Task Client_WithoutSubflows_ComesBackInTime_ConnectionGoesOn()
    {
        var (client, server) = await ConnectAsync();
        using var both = client;
        using var peer = server;
        await LeaveAsync();

        await ComeBackAsync();

        await server.SendAsync("still there?"u8.ToArray(), Deadline);
        Assert.That(await ReceiveAsync(client, 12), Is.EqualTo("still there?"));
        await client.SendAsync("yes"u8.ToArray(), Deadline);
        Assert.That(await ReceiveAsync(server, 3), Is.EqualTo("yes"));
    }

    // The kernel has been seen to forget a connection whose last subflow was reset in an unlucky moment; then the box ends it.
    [Test]
    public async Task Client_WithoutSubflows_StaysAway_ServerIsToldAfterTheAbsence([Values] bool kernelForgets)
    {
        (await Box.RunAsync("sysctl", "-w", $"net.mptcp.close_timeout={(kernelForgets ? 600 : (int)Absence.TotalSeconds)}")).RequireSuccess();
        var (client, server) = await ConnectAsync();
        using var both = client;
        using var peer = server;
        await LeaveAsync();
        var away = TimeProvider.System.GetTimestamp();

        // The end of the stream or a reset: the connection is over either way, and the server knows.
        var ended = 0;
        try
        {
            ended = await server.ReceiveAsync(new byte[1], Deadline);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Reset.
        }

        Assert.That(ended, Is.Zero);
        Assert.That(TimeProvider.System.GetElapsedTime(away), Is.InRange(Absence / 2, 3 * Absence));
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        using var listener = Connection.Listen(Lab, AddressFamily.InterNetwork, "legacy", Port);
        var client = Client.CreateTcpSocket(AddressFamily.InterNetwork, mptcp: true);
        await client.ConnectAsync(Lab.EndpointOf("legacy", AddressFamily.InterNetwork, Port), Deadline);
        var server = await listener.AcceptAsync(Deadline);
        await client.SendAsync("hello"u8.ToArray(), Deadline);
        Assert.That(await ReceiveAsync(server, 5), Is.EqualTo("hello"));
        await FlowsWhenAsync(2);
        return (client, server);
    }

    /// <summary>The path manager takes both addresses out of the connection: REMOVE_ADDR, and no subflow is left.</summary>
    private async Task LeaveAsync()
    {
        (await Client.RunAsync("ip", "mptcp", "endpoint", "flush")).RequireSuccess();
        await Client.RunAsync("ip", "mptcp", "endpoint", "delete", "id", "0", "198.18.1.2");
        await FlowsWhenAsync(0);
    }

    private async Task ComeBackAsync()
    {
        (await Client.RunAsync("ip", "mptcp", "endpoint", "add", "198.18.2.2", "dev", "lte", "subflow")).RequireSuccess();
        await FlowsWhenAsync(1);
    }

    /// <summary>Waits until the client has so many established TCP connections to the server's port, which are its subflows.</summary>
    private Task FlowsWhenAsync(int count) => Condition.WaitAsync(
        async () => (await Client.RunAsync("ss", "-Htn", "state", "established", "dport", $"= :{Port}")).RequireSuccess()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == count,
        Patience,
        $"the client has {count} subflow(s)",
        Deadline);

    private async Task<string> ReceiveAsync(Socket socket, int count)
    {
        var buffer = new byte[count];
        for (var got = 0; got < count;)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(got), Deadline);
            Assert.That(received, Is.Positive, "the connection ended");
            got += received;
        }

        return System.Text.Encoding.ASCII.GetString(buffer);
    }
}
