using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Transfers;

/// <summary>
/// Peers that do without one TCP option or another: what they agree on must be what the box restores for the server's leg.
/// </summary>
public sealed class PeerOptionsTests() : ServingLabFixture("one-proxy")
{
    private const long Amount = 5_000_000;

    [TestCase(AddressFamily.InterNetwork, "legacy", "tcp_timestamps=0")]
    [TestCase(AddressFamily.InterNetworkV6, "legacy", "tcp_timestamps=0")]
    [TestCase(AddressFamily.InterNetwork, "legacy", "tcp_sack=0")]
    [TestCase(AddressFamily.InterNetworkV6, "legacy", "tcp_sack=0")]
    [TestCase(AddressFamily.InterNetwork, "legacy", "tcp_window_scaling=0")]
    [TestCase(AddressFamily.InterNetworkV6, "legacy", "tcp_window_scaling=0")]
    [TestCase(AddressFamily.InterNetwork, "legacy", "tcp_timestamps=0 tcp_sack=0 tcp_window_scaling=0")]
    [TestCase(AddressFamily.InterNetworkV6, "legacy", "tcp_timestamps=0 tcp_sack=0 tcp_window_scaling=0")]
    [TestCase(AddressFamily.InterNetwork, "client", "tcp_timestamps=0")]
    [TestCase(AddressFamily.InterNetworkV6, "client", "tcp_timestamps=0")]
    [TestCase(AddressFamily.InterNetwork, "client", "tcp_timestamps=0 tcp_sack=0 tcp_window_scaling=0")]
    [TestCase(AddressFamily.InterNetworkV6, "client", "tcp_timestamps=0 tcp_sack=0 tcp_window_scaling=0")]
    [TestCase(AddressFamily.InterNetwork, "box", "tcp_timestamps=0 tcp_sack=0 tcp_window_scaling=0")]
    [TestCase(AddressFamily.InterNetworkV6, "box", "tcp_timestamps=0 tcp_sack=0 tcp_window_scaling=0")]
    [TestCase(AddressFamily.InterNetwork, "client legacy", "tcp_ecn=1")]
    [TestCase(AddressFamily.InterNetworkV6, "client legacy", "tcp_ecn=1")]
    public async Task Transfer_in_both_directions_with(AddressFamily family, string hosts, string parameters)
    {
        var before = await IdleAsync();
        var changed = await ChangeAsync(hosts.Split(' '), parameters.Split(' '));
        try
        {
            using var connection = await ConnectOverBothAccessesAsync(family);

            await TransferAsync(connection.Client, connection.Server);
            await TransferAsync(connection.Server, connection.Client);
        }
        finally
        {
            foreach (var (host, parameter) in changed)
                await SetAsync(host, parameter);
        }

        Assert.That((await IdleAsync()).Ended("finished") - before.Ended("finished"), Is.EqualTo(1));
    }

    private async Task TransferAsync(Socket from, Socket to)
    {
        var receiving = ByteStream.ReceiveAsync(to, Deadline);
        var sent = await ByteStream.SendAllAsync(from, Amount, Deadline);
        Assert.That(await receiving, Is.EqualTo(sent));
    }

    /// <summary>Changes parameters, and returns what to set in order to take that back.</summary>
    private async Task<List<(LabHost Host, string Parameter)>> ChangeAsync(string[] hosts, string[] parameters)
    {
        var before = new List<(LabHost, string)>();
        foreach (var host in hosts.Select(name => Lab[name]))
        {
            foreach (var parameter in parameters)
            {
                var name = parameter.Split('=')[0];
                var old = (await host.RunAsync("sysctl", "-n", $"net.ipv4.{name}")).RequireSuccess().Trim();
                before.Add((host, $"{name}={old}"));
                await SetAsync(host, parameter);
            }
        }
        return before;
    }

    private static async Task SetAsync(LabHost host, string parameter) =>
        (await host.RunAsync("sysctl", "-w", $"net.ipv4.{parameter}")).RequireSuccess();
}
