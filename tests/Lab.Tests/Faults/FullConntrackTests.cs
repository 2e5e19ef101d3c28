using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Tests.Survival;
using Middlebox.Lab.Tests.Traffic;

namespace Middlebox.Lab.Tests.Faults;

/// <summary>
/// The box's table of tracked connections is full: the kernel drops what would need another entry. A namespace cannot have a limit of its own
/// (Linux 6.18), so rules drop the same packets at the same place.
/// </summary>
public sealed class FullConntrackTests() : ServingLabFixture("masquerade")
{
    // A SYN and its first repetition.
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(1.5);

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task Table_full_relayed_connections_go_on_new_ones_fail_as_without_the_box_and_are_served_afterwards(AddressFamily family)
    {
        using var transfer = new Transfer(await ConnectAsync(family), TimeSpan.FromMilliseconds(20), Deadline);
        var tool = family == AddressFamily.InterNetwork ? "iptables" : "ip6tables";

        await RuleAsync(tool, "-I");
        var seen = transfer.Received;
        await Condition.WaitAsync(() => transfer.Received > seen, Patience, "the transfer goes on", Deadline);
        await Task.WhenAll(RequireSilenceAsync(family, mptcp: false, port: 7001), RequireSilenceAsync(family, mptcp: true, port: 7002));
        await RuleAsync(tool, "-D");

        var served = (await Box.StatusAsync(Deadline)).TotalFlows;
        using (var connection = await ConnectAsync(family, port: 7003))
            await connection.GreetAsync(Deadline);
        Assert.That((await Box.StatusAsync(Deadline)).TotalFlows, Is.EqualTo(served + 1));
        await transfer.FinishAsync();
        Assert.That((await IdleAsync()).Failures, Is.Zero);
    }

    private async Task RequireSilenceAsync(AddressFamily family, bool mptcp, int port)
    {
        using var client = Client.CreateTcpSocket(family, mptcp);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        patience.CancelAfter(LongEnough);
        Assert.That(
            async () => await client.ConnectAsync(Lab.EndpointOf("legacy", family, port), patience.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    // Behind the hooks at which connections are tracked, and before all other rules there.
    private async Task RuleAsync(string tool, string change)
    {
        foreach (var chain in new[] { "PREROUTING", "OUTPUT" })
            (await Box.RunAsync(tool, "-w", "-t", "mangle", change, chain, "-m", "conntrack", "--ctstate", "NEW", "-p", "tcp", "-j", "DROP")).RequireSuccess();
    }
}
