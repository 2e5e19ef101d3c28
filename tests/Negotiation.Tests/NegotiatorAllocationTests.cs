using Middlebox.Negotiation.Wire;

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

    private static bool Forward(Negotiator negotiator, byte[] syn, byte[] synAck)
    {
        TcpPacket.Read(syn, out var first);
        TcpPacket.Read(synAck, out var second);
        return negotiator.Decide(in first).Reason == Reason.Served
            && negotiator.Decide(in second).Reason == Reason.ServerCapable;
    }
}
