using System.Diagnostics;
using System.Net.Sockets;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;
using Middlebox.Negotiation.Servers;

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
    public async Task MP_CAPABLE_dropped_third_SYN_connects_and_the_server_is_remembered_after_two_connections(AddressFamily family)
    {
        var before = await IdleAsync();
        var watch = new Stopwatch();
        // One could be a matter of lost packets.
        for (var i = 0; i < DroppingServers.RequiredSightings; i++)
        {
            watch.Restart();
            using var slow = await ConnectAsync(family);
            var elapsed = watch.Elapsed;
            await slow.GreetAsync(Deadline);
            Assert.That(elapsed, Is.InRange(RetransmissionTimeout * 1.9, RetransmissionTimeout * 3.5));
            Assert.That(slow.ClientAddressAtServer, Is.EqualTo(slow.ClientAddress));
        }
        var learnt = await IdleAsync();
        Assert.That(
            learnt.Released("mpCapableDropped") - before.Released("mpCapableDropped"), Is.EqualTo(DroppingServers.RequiredSightings));

        var sent = Client.Counter("MPTcpExtMPCapableSYNTX");
        watch.Restart();
        using var fast = await ConnectAsync(family);
        Assert.That(watch.Elapsed, Is.LessThan(RetransmissionTimeout * 0.9));
        await fast.GreetAsync(Deadline);

        Assert.That(Client.Counter("MPTcpExtMPCapableSYNTX") - sent, Is.EqualTo(1), "the client has offered MPTCP");
        var after = await Box.StatusAsync(Deadline);
        Assert.That(after.Bypassed("serverDropsMptcp") - learnt.Bypassed("serverDropsMptcp"), Is.EqualTo(1));
        Assert.That(after.ContextsCreated, Is.EqualTo(learnt.ContextsCreated));
    }
}
