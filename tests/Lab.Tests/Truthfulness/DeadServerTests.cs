using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Traffic;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Truthfulness;

/// <summary>A server that does not answer fails as without the box: same error, same time.</summary>
public sealed class DeadServerTests() : ServingLabFixture("one-proxy")
{
    private const int SilentPort = 7998;
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    protected override LabOptions Options => new()
    {
        BoxSettings = new Dictionary<string, string> { ["Middlebox:Negotiation:ServerTimeout"] = "00:00:05" },
    };

    // SYNs after 0, 1 and 3 s; the end after 7.
    protected override Topology Adapt(Topology shipped) => shipped.WithInsistentClient()
        .With("client", "net.ipv4.tcp_syn_retries", "2")
        .With("client", "net.ipv4.tcp_syn_linear_timeouts", "0");

    [TestCase(AddressFamily.InterNetwork, "198.18.10.99")]
    [TestCase(AddressFamily.InterNetworkV6, "2001:db8:10::99")]
    public async Task Address_that_nobody_has_is_unreachable(AddressFamily family, string address)
    {
        var (error, released) = await CompareAsync(family, _ => new IPEndPoint(IPAddress.Parse(address), 80));

        Assert.That(error, Is.EqualTo(SocketError.HostUnreachable));
        Assert.That(released, Is.EqualTo(1));
    }

    [TestCase(AddressFamily.InterNetwork, "198.18.99.1")]
    [TestCase(AddressFamily.InterNetworkV6, "2001:db8:99::1")]
    public async Task Network_without_a_route_is_unreachable(AddressFamily family, string address)
    {
        var (error, _) = await CompareAsync(family, _ => new IPEndPoint(IPAddress.Parse(address), 80));

        Assert.That(error, Is.EqualTo(SocketError.NetworkUnreachable));
    }

    [TestCase(AddressFamily.InterNetwork, "iptables")]
    [TestCase(AddressFamily.InterNetworkV6, "ip6tables")]
    public async Task Silent_server_times_out(AddressFamily family, string firewall)
    {
        var (error, released) = await CompareAsync(
            family,
            lab => lab.EndpointOf("legacy", family, SilentPort),
            async lab => (await lab["legacy"].RunAsync(
                firewall, "-w", "-A", "INPUT", "-p", "tcp", "--dport", $"{SilentPort}", "-j", "DROP")).RequireSuccess());

        Assert.That(error, Is.EqualTo(SocketError.TimedOut));
        Assert.That(released, Is.EqualTo(1));
    }

    /// <summary>Connects with and without the box at the same time; the outcomes must be alike.</summary>
    /// <returns>The error, and how many contexts the box released as unanswered.</returns>
    private async Task<(SocketError Error, long Released)> CompareAsync(
        AddressFamily family, Func<Laboratory, IPEndPoint> server, Func<Laboratory, Task>? prepare = null)
    {
        var other = await UpWithoutBoxesAsync();
        foreach (var lab in new[] { Lab, other })
            await (prepare?.Invoke(lab) ?? Task.CompletedTask);
        var before = await IdleAsync();

        var outcomes = await Task.WhenAll(FailAsync(Lab, family, server(Lab)), FailAsync(other, family, server(other)));

        TestContext.Out.WriteLine($"{outcomes[0]}, without {outcomes[1]}");
        Assert.That(outcomes[0].Error, Is.EqualTo(outcomes[1].Error));
        Assert.That(outcomes[0].After, Is.EqualTo(outcomes[1].After).Within(Tolerance));
        var after = await IdleAsync();
        Assert.That(after.TotalFlows, Is.Zero);
        return (outcomes[0].Error, after.Released("unanswered") - before.Released("unanswered"));
    }

    private async Task<(SocketError Error, TimeSpan After)> FailAsync(
        Laboratory lab, AddressFamily family, IPEndPoint server)
    {
        using var socket = lab["client"].CreateTcpSocket(family, mptcp: true);
        var watch = Stopwatch.StartNew();
        var failure = await Assert.ThrowsAsync<SocketException>(async () => await socket.ConnectAsync(server, Deadline));
        return (failure!.SocketErrorCode, watch.Elapsed);
    }
}
