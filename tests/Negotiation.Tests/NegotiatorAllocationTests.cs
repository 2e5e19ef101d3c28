using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Tests.Claims;
using Middlebox.Negotiation.Tests.Explicit;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests;

[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[NonParallelizable]
public sealed class NegotiatorAllocationTests(string client, string server)
{
    [Test]
    public void TenThousandConnections_OfCapableServers_AllocateNothing()
    {
        var box = new NegotiatorBench(client, server);
        var syn = box.MptcpSyn().Build();
        var synAck = box.CapableSynAck().Build();
        for (var i = 0; i < 100; i++)
            Assert.That(Forward(box.Negotiator, syn, synAck), Is.True);

        List<Handshake> abandoned = [];
        box.Negotiator.Sweep(abandoned);
        var forwarded = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            forwarded += Forward(box.Negotiator, syn, synAck) ? 1 : 0;
            if (i % 100 == 0)
                box.Negotiator.Sweep(abandoned);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(forwarded, Is.EqualTo(10_000));
        Assert.That(allocated, Is.Zero);
        Assert.That(box.Negotiator.Released[Reason.ServerCapable], Is.EqualTo(10_100));
    }

    [Test]
    public void TenThousandConnections_ClaimedAndSigned_AllocateNothing()
    {
        var bench = new ExplicitBench(client, server, Operator.Settings());
        AssertAllocatesNothing(bench.Box.Negotiator, bench.Box.MptcpSyn().Build(), bench.Box.CapableSynAck().Build());
        Assert.That(bench.Claims(Reason.Claimed), Is.EqualTo(10_100));
    }

    [Test]
    public void TenThousandConnections_ClaimedByAnother_AllocateNothing()
    {
        var bench = new ExplicitBench(client, server, Operator.Settings());
        AssertAllocatesNothing(bench.Box.Negotiator, bench.ClaimedSyn(7).Build(), bench.ClaimedSynAck(Operator.Keys).Build());
        Assert.That(bench.Box.Bypassed[Reason.ClaimedByOther], Is.EqualTo(10_100));
    }

    [Test]
    public void TenThousandConnections_ClaimReplaced_ServedByAnother_AllocateNothing()
    {
        var bench = new ExplicitBench(client, server, Operator.Settings());
        AssertAllocatesNothing(bench.Box.Negotiator, bench.ClaimedSyn(1).Build(), bench.ClaimedSynAck(Operator.Keys).Build());
        Assert.That(bench.Box.Released[Reason.OtherProxyActed], Is.EqualTo(10_100));
    }

    [Test]
    public void TenThousandConnections_ClaimOfAStranger_AllocateNothing()
    {
        var bench = new ExplicitBench(client, server, Operator.Settings());
        AssertAllocatesNothing(
            bench.Box.Negotiator, bench.ClaimedSyn(7, Operator.Stranger).Build(), bench.ClaimedSynAck(Operator.Stranger).Build());
        Assert.That(bench.Claims(Reason.ClaimRejected), Is.EqualTo(2 * 10_100));
    }

    // What most traffic of a box is: nothing that it has a part in.
    [Test]
    public void TenThousandSegments_ThatAreNotServed_AllocateNothing()
    {
        var box = new NegotiatorBench(client, server, maxContexts: 1, policy: new PolicyTable([], PolicyAction.Bypass));
        AssertAllocatesNothing(box.Negotiator, box.MptcpSyn().Build(), box.SynAck().Build());
        AssertAllocatesNothing(box.Negotiator, PacketBuilder.Syn(client, server).MpJoin(1).Build(), box.Refusal().Build());
        Assert.That(box.Bypassed[Reason.PolicyBypass], Is.EqualTo(10_100));
    }

    [Test]
    public void TenThousandSyns_ThatFindTheTableFull_AllocateNothing()
    {
        var box = new NegotiatorBench(client, server, maxContexts: 1);
        box.Decide(PacketBuilder.LinuxMptcpSyn(server, client));
        AssertAllocatesNothing(box.Negotiator, box.MptcpSyn().Build(), box.SynAck().Build());
        Assert.That(box.Bypassed[Reason.TableFull], Is.EqualTo(10_100));
    }

    private static void AssertAllocatesNothing(Negotiator negotiator, byte[] syn, byte[] synAck)
    {
        Decide(negotiator, syn, synAck, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Decide(negotiator, syn, synAck, 10_000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static void Decide(Negotiator negotiator, byte[] syn, byte[] synAck, int times)
    {
        for (var i = 0; i < times; i++)
        {
            TcpPacket.Read(syn, out var first);
            TcpPacket.Read(synAck, out var second);
            negotiator.Decide(in first);
            negotiator.Decide(in second);
        }
    }

    private static bool Forward(Negotiator negotiator, byte[] syn, byte[] synAck)
    {
        TcpPacket.Read(syn, out var first);
        TcpPacket.Read(synAck, out var second);
        return negotiator.Decide(in first).Reason == Reason.Served
            && negotiator.Decide(in second).Reason == Reason.ServerCapable;
    }
}
