using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Paths;

/// <summary>Something behind the box drops every SYN with MP_CAPABLE.</summary>
public sealed class DroppedMpCapableTests() : ServingLabFixture("one-proxy")
{
    private static readonly TimeSpan RetransmissionTimeout = TimeSpan.FromSeconds(1);

    protected override Topology Adapt(Topology shipped) =>
        shipped.WithInsistentClient().With("client", "net.ipv4.tcp_syn_linear_timeouts", "4");

    protected override async Task PrepareAsync()
    {
        foreach (var tool in new[] { "iptables", "ip6tables" })
        {
            (await Legacy.RunAsync(
                tool, "-w", "-A", "INPUT", "-p", "tcp", "--tcp-option", "30", "-j", "DROP")).RequireSuccess();
        }
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public async Task MP_CAPABLE_dropped_third_SYN_connects_and_the_server_is_remembered(AddressFamily family)
    {
        var before = await IdleAsync();
        var watch = Stopwatch.StartNew();
        using (var first = await ConnectAsync(family))
        {
            var elapsed = watch.Elapsed;
            await first.GreetAsync(Deadline);
            Assert.That(elapsed, Is.InRange(RetransmissionTimeout * 1.9, RetransmissionTimeout * 3.5));
            Assert.That(first.ClientAddressAtServer, Is.EqualTo(first.ClientAddress));
        }
        var learnt = await IdleAsync();
        Assert.That(learnt.Released("mpCapableDropped") - before.Released("mpCapableDropped"), Is.EqualTo(1));

        var sent = Client.Counter("MPTcpExtMPCapableSYNTX");
        watch.Restart();
        using var second = await ConnectAsync(family);
        Assert.That(watch.Elapsed, Is.LessThan(RetransmissionTimeout * 0.9));
        await second.GreetAsync(Deadline);

        Assert.That(Client.Counter("MPTcpExtMPCapableSYNTX") - sent, Is.EqualTo(1), "the client has offered MPTCP");
        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.Bypassed("serverDropsMptcp") - learnt.Bypassed("serverDropsMptcp"), Is.EqualTo(1));
        Assert.That(after.ContextsCreated, Is.EqualTo(learnt.ContextsCreated));
    }
}
