using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Middlebox.Interceptor.FastPath;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Addressed;

/// <summary>Relayed connections whose segments are led past the rules by a program at the proxy's devices. Only the proxy reaches the server, and there is one subflow.</summary>
public sealed class FastPathTests : AddressedFixture
{
    private const long Amount = 100_000_000;

    // What rules may see of it: the handshake, what is looked at, the end, and one segment in half a minute.
    private const long AtTheEdges = 1000;

    private const string Comment = "what rules see";

    private static readonly string[] Tools = ["iptables", "ip6tables"];

    [OneTimeSetUp]
    public async Task LeaveTheProxyOnly()
    {
        if (LabRequirements.Missing().Count > 0)
            return;
        await CutDirectPathsAsync();
        (await Client.RunAsync("ip", "mptcp", "limits", "set", "subflows", "0")).RequireSuccess();
        foreach (var tool in Tools)
            (await Proxy.RunAsync(tool, "-w", "-t", "raw", "-I", "PREROUTING", "-p", "tcp", "-m", "comment", "--comment", Comment)).RequireSuccess();
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Bytes_arrive_and_rules_see_none_of_them(AddressFamily family)
    {
        var connection = await ConnectOverTheProxyAsync(family);
        var port = connection.ClientAddress.Port;
        using (connection)
        {
            var before = (Seen: await SegmentsSeenAsync(family), Octets: OctetsOverTheProxy);
            await AssertBytesArriveAsync(connection.Client, connection.Server, Amount);
            await AssertBytesArriveAsync(connection.Server, connection.Client, Amount);
            Assert.That(OctetsOverTheProxy - before.Octets, Is.GreaterThan(4 * Amount), "over the proxy");
            Assert.That(await SegmentsSeenAsync(family) - before.Seen, Is.LessThan(AtTheEdges), "past the rules");
        }

        await Condition.WaitAsync(() => TrackedAs(port) is "TIME_WAIT", Patience, "the kernel has seen the end", Deadline);
    }

    // It is looked at no longer than until the server has answered, which is before the client has completed its handshake.
    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Server_for_which_the_proxy_does_not_act(AddressFamily family)
    {
        using var connection = await ConnectOverTheProxyAsync(family, "legacy", port: 22);
        var before = await SegmentsSeenAsync(family);
        await AssertBytesArriveAsync(connection.Client, connection.Server, Amount);
        Assert.That(await SegmentsSeenAsync(family) - before, Is.LessThan(AtTheEdges));
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Half_that_goes_on_after_the_end_of_the_other(AddressFamily family)
    {
        using var connection = await ConnectOverTheProxyAsync(family);
        connection.Client.Shutdown(SocketShutdown.Send);
        Assert.That((await ByteStream.ReceiveAsync(connection.Server, Deadline, atMost: 1)).Length, Is.Zero);
        var receiving = ByteStream.ReceiveAsync(connection.Client, Deadline);
        Assert.That(await ByteStream.SendAllAsync(connection.Server, Amount, Deadline), Is.EqualTo(await receiving));
    }

    // Tracking does not see the acknowledgment of what it has seen last, and forgets such connections soon unless it is told not to.
    [Test]
    public async Task Silence_is_allowed_for_two_hours()
    {
        using var connection = await ConnectOverTheProxyAsync(AddressFamily.InterNetwork);
        await connection.GreetAsync(Deadline);
        var port = connection.ClientAddress.Port;
        Assert.That(int.Parse(TrackedAs(port, column: 4)!, CultureInfo.InvariantCulture), Is.GreaterThan(7000));
        Assert.That(TrackedAs(port), Is.EqualTo("ESTABLISHED"));
    }

    // A rule for the client's addresses is one for its segments, whatever the server takes for their source.
    [Test]
    public async Task Routes_go_by_the_client()
    {
        using var connection = await ConnectOverTheProxyAsync(AddressFamily.InterNetwork);
        await AssertBytesArriveAsync(connection.Client, connection.Server, Amount);
        var before = await SegmentsSeenAsync(AddressFamily.InterNetwork);
        foreach (var source in new[] { "client", "proxy" })
        {
            string[] rule = ["priority", "77", "iif", "core", "from", $"{Lab.AddressOf(source, AddressFamily.InterNetwork)}", "prohibit"];
            (await Proxy.RunAsync("ip", ["rule", "add", .. rule])).RequireSuccess();
            try
            {
                var receiving = ByteStream.ReceiveAsync(connection.Server, Deadline, atMost: 100_000);
                _ = await connection.Client.SendAsync(new byte[100_000], Deadline);
                if (source == "client")
                {
                    await Condition.WaitAsync(
                        async () => await SegmentsSeenAsync(AddressFamily.InterNetwork) > before, Patience, "the segments are left to the kernel, which refuses them", Deadline);
                    Assert.That(receiving.IsCompleted, Is.False);
                }

                (await Proxy.RunAsync("ip", ["rule", "del", .. rule])).RequireSuccess();
                Assert.That((await receiving).Length, Is.EqualTo(100_000));
            }
            finally
            {
                await Proxy.RunAsync("ip", ["rule", "del", .. rule]);
            }
        }
    }

    // After more than half of the sequence numbers it looks old to who has not seen the segments between.
    [TestCase(1_000_000)]
    [TestCase(2_500_000_000)]
    public async Task Reset_arrives(long amount)
    {
        using var connection = await ConnectOverTheProxyAsync(AddressFamily.InterNetwork);
        var receiving = DiscardAsync(connection.Server);
        await FillAsync(connection.Client, amount);
        Connection.Reset(connection.Client);
        Assert.That(async () => await receiving, Throws.TypeOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionReset));
    }

    // A program with every device that comes and goes.
    [Test]
    public async Task Device_that_comes_later_has_the_program_too()
    {
        using var path = Proxy.InNamespace(() => SegmentFastPath.TryOpen(NullLogger.Instance))!;
        Assert.That(path.Devices, Is.EqualTo(1));
        (await Proxy.RunAsync("ip", "link", "add", "late", "type", "veth", "peer", "name", "later")).RequireSuccess();
        Proxy.InNamespace(() => Round(path));
        Assert.That(path.Devices, Is.EqualTo(3));
        (await Proxy.RunAsync("ip", "link", "del", "late")).RequireSuccess();
        Proxy.InNamespace(() => Round(path));
        Assert.That(path.Devices, Is.EqualTo(1));
    }

    private static bool Round(SegmentFastPath path)
    {
        path.Round();
        return true;
    }

    private async Task<Connection> ConnectOverTheProxyAsync(AddressFamily family, string server = "capable", int port = 7000)
    {
        var before = await CountAsync(Proxy, "addressed", "carried");
        var connection = await ConnectAsync(family, server, port: port);
        await connection.GreetAsync(Deadline);
        await Condition.WaitAsync(
            async () => await CountAsync(Proxy, "addressed", "carried") > before, Patience, "the connection is led past the rules", Deadline);
        return connection;
    }

    private async Task FillAsync(Socket socket, long amount)
    {
        var chunk = new byte[1 << 18];
        for (long sent = 0; sent < amount;)
            sent += await socket.SendAsync(chunk, Deadline);
    }

    private async Task DiscardAsync(Socket socket)
    {
        var chunk = new byte[1 << 18];
        while (await socket.ReceiveAsync(chunk, Deadline) > 0)
        {
        }
    }

    /// <summary>TCP segments that rules have seen arrive at the proxy.</summary>
    private async Task<long> SegmentsSeenAsync(AddressFamily family)
    {
        var listing = (await Proxy.RunAsync(Tools[family == AddressFamily.InterNetwork ? 0 : 1], "-w", "-t", "raw", "-nvxL", "PREROUTING")).RequireSuccess();
        var own = listing.Split('\n').Single(line => line.Contains(Comment, StringComparison.Ordinal));
        return long.Parse(own.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
    }

    /// <summary>What the proxy's kernel tells of the connection from this port: its state, or another column; null if it knows of none.</summary>
    private string? TrackedAs(int port, int column = 5) => Proxy.InNamespace(() => File.ReadAllLines("/proc/thread-self/net/nf_conntrack"))
        .Where(line => line.Contains($" sport={port} ", StringComparison.Ordinal))
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[column])
        .FirstOrDefault();
}
