using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Contexts;

namespace Middlebox.Interceptor.Tests;

/// <summary>SYNs of a client that has dropped a connection which the box still relays, and uses its port again.</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class DeferredSynTests
{
    private readonly PacketHandlerBench _box;
    private readonly FlowKey _flow;

    public DeferredSynTests(string client, string server)
    {
        _box = new PacketHandlerBench(client, server);
        _flow = new FlowKey(HostEndpoint.Parse(client), HostEndpoint.Parse(server));
        _box.Relayed.Add(_flow);
    }

    [Test]
    public void Syn_EarlierFlowRelayed_IsKeptUntilThatEnds_AndServed()
    {
        Assert.That(_box.Handle(_box.MptcpSyn()), Is.EqualTo(PacketOutcome.Drop));
        _box.Handler.RetryDeferred();
        _box.AssertNothingSent();

        _box.Relayed.Remove(_flow);
        _box.Handler.RetryDeferred();
        _box.AssertNothingSent();
        _box.Time.Advance(RelayedFlows.Linger);
        _box.Handler.RetryDeferred();

        Assert.That(_box.Network.Packets, Is.EqualTo(new[] { _box.MptcpSyn().Build() }));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
        Assert.That(_box.Handler.HasDeferred, Is.False);
    }

    // What is changed in a SYN that goes on at once is changed in one that goes on late.
    [Test]
    public void Syn_EarlierFlowRelayed_ServerDropsMptcp_GoesOnWithoutMpCapable()
    {
        _box.Handle(_box.MptcpSyn());
        for (var i = 0; i < 2; i++)
            _box.Dropping.ReportDropped(_flow.Server);
        _box.Relayed.Remove(_flow);
        _box.Time.Advance(RelayedFlows.Linger);

        _box.Handler.RetryDeferred();

        Assert.That(_box.Network.Packets, Has.Count.EqualTo(1).And.None.EqualTo(_box.MptcpSyn().Build()));
        Assert.That(_box.Negotiator.ContextCount, Is.Zero);
    }

    [Test]
    public void Syn_EarlierFlowRemains_ForwardedWhenTimeIsUp_WithoutAContext()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Time.Advance(DeferredPackets.Patience);
        _box.Handler.RetryDeferred();

        Assert.That(_box.Network.Packets, Is.EqualTo(new[] { _box.MptcpSyn().Build() }));
        Assert.That(_box.Negotiator.ContextCount, Is.Zero);
        var counted = new Dictionary<Reason, long>();
        _box.Negotiator.Bypassed.AddTo(counted);
        Assert.That(counted, Is.EqualTo(new Dictionary<Reason, long> { [Reason.EarlierFlowRemains] = 1 }));
    }
}
