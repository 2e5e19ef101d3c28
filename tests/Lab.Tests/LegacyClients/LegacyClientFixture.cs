using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.LegacyClients;

/// <summary>Base of tests with a client that does not speak MPTCP, behind a box that does.</summary>
public abstract class LegacyClientFixture() : ServingLabFixture("legacy-client")
{
    private static int _lastPort = 7100;

    protected LabHost Capable => Lab["capable"];

    /// <summary>A server's port of which the box knows nothing yet.</summary>
    protected static int NewPort() => Interlocked.Increment(ref _lastPort);

    /// <summary>Connects the client, by plain TCP.</summary>
    protected Task<Connection> ConnectAsync(AddressFamily family, string to, int port, int clientPort = 0) =>
        ConnectAsync(family, to, mptcp: false, port, clientPort);

    /// <summary>A port of the capable server that the box knows to be capable, because a connection has shown it.</summary>
    protected async Task<int> KnownPortAsync(AddressFamily family)
    {
        var port = NewPort();
        using (var first = await ConnectAsync(family, "capable", port))
            await first.GreetAsync(Deadline);
        await IdleAsync();
        return port;
    }

    /// <summary>The box's sockets of connections to a port that go on, one a line.</summary>
    protected async Task<string> SocketsAsync(int port) => (await Box.RunAsync(
        "ss", "-Htan", "state", "all", "exclude", "time-wait", $"( dport = :{port} or sport = :{port} )")).RequireSuccess().Trim();

    protected async Task AssertBytesArriveAsync(Connection connection, long amount = 1_000_000)
    {
        foreach (var (from, to) in new[] { (connection.Client, connection.Server), (connection.Server, connection.Client) })
            await AssertBytesArriveAsync(from, to, amount);
    }
}
