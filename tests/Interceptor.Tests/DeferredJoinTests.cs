using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;

namespace Middlebox.Interceptor.Tests;

/// <summary>Joins that come before the box knows the token of their connection.</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class DeferredJoinTests
{
    private const int Capacity = 256;
    private readonly PacketHandlerBench _box;
    private readonly HostEndpoint _server;

    public DeferredJoinTests(string client, string server)
    {
        _box = new PacketHandlerBench(client, server);
        _server = HostEndpoint.Parse(server);
        _box.Tokens.Expect(_server);
    }

    [Test]
    public void Join_Early_IsKept()
    {
        Assert.That(_box.Handler.HasDeferred, Is.False);
        Assert.That(_box.Handle(_box.Join(7)), Is.EqualTo(PacketOutcome.Drop));
        Assert.That(_box.Handler.HasDeferred, Is.True);
        _box.Handler.RetryDeferred();
        Assert.That(_box.Handler.HasDeferred, Is.True);
        _box.AssertNothingSent();
    }

    [Test]
    public void Join_Early_TokenBecomesKnown_Diverted()
    {
        _box.Handle(_box.Join(7));
        _box.Tokens.Add(7, _server);
        _box.Handler.RetryDeferred();
        Assert.That(_box.Kernel.Packets, Is.EqualTo(new[] { _box.Join(7).Build() }));
        Assert.That(_box.Network.Packets, Is.Empty);
        Assert.That(_box.Handler.HasDeferred, Is.False);
    }

    // It is asked about every few milliseconds; a history of those questions would have room for little else.
    [Test]
    public void Join_Early_IsOneDecisionInTheHistory()
    {
        _box.Handle(_box.Join(7));
        for (var i = 0; i < 10; i++)
            _box.Handler.RetryDeferred();
        Assert.That(_box.Negotiator.History.Written, Is.Zero);
        _box.Tokens.Add(7, _server);
        _box.Handler.RetryDeferred();
        Assert.That(
            _box.Negotiator.History.Find(_ => true).Select(decision => (decision.Reason, decision.Token)),
            Is.EqualTo(new[] { (Reason.OwnJoin, 7u) }));
    }

    [Test]
    public void Join_Early_TokenProvesForeign_ForwardedAtOnce()
    {
        _box.Handle(_box.Join(7));
        _box.Tokens.Add(8, _server);
        _box.Tokens.Unexpect(_server);
        _box.Handler.RetryDeferred();
        Assert.That(_box.Network.Packets, Is.EqualTo(new[] { _box.Join(7).Build() }));
        Assert.That(_box.Kernel.Packets, Is.Empty);
    }

    [Test]
    public void Join_Early_NothingLearnt_ForwardedWhenTimeIsUp()
    {
        _box.Handle(_box.Join(7));
        _box.Time.Advance(DeferredPackets.Patience - TimeSpan.FromTicks(1));
        _box.Handler.RetryDeferred();
        _box.AssertNothingSent();

        _box.Time.Advance(TimeSpan.FromTicks(1));
        _box.Handler.RetryDeferred();
        Assert.That(_box.Network.Packets, Is.EqualTo(new[] { _box.Join(7).Build() }));
        Assert.That(_box.Handler.HasDeferred, Is.False);
        AssertCounted(Reason.JoinUnresolved, 1);
    }

    [Test]
    public void Join_Early_NothingLearnt_CannotBeForwarded_CountedAsLost()
    {
        _box.Handle(_box.Join(7));
        _box.Network.Refuses = true;
        _box.Time.Advance(DeferredPackets.Patience);
        _box.Handler.RetryDeferred();
        Assert.That(_box.Handler.HasDeferred, Is.False);
        AssertCounted(Reason.DeliveryFailed, 1);
    }

    [Test]
    public void Join_Early_TokenBecomesKnown_KernelTakesItLater_Diverted()
    {
        _box.Handle(_box.Join(7));
        _box.Tokens.Add(7, _server);
        _box.Kernel.Refuses = true;
        _box.Handler.RetryDeferred();
        Assert.That(_box.Handler.HasDeferred, Is.True);
        _box.Kernel.Refuses = false;
        _box.Handler.RetryDeferred();
        Assert.That(_box.Kernel.Packets, Is.EqualTo(new[] { _box.Join(7).Build() }));
        Assert.That(_box.Network.Packets, Is.Empty);
    }

    [Test]
    public void Join_Early_TokenBecomesKnown_KernelNeverTakesIt_CountedAsLost()
    {
        _box.Handle(_box.Join(7));
        _box.Tokens.Add(7, _server);
        _box.Kernel.Refuses = true;
        _box.Time.Advance(DeferredPackets.Patience);
        _box.Handler.RetryDeferred();
        Assert.That(_box.Handler.HasDeferred, Is.False);
        AssertCounted(Reason.DeliveryFailed, 1);
        _box.AssertNothingSent();
    }

    [Test]
    public void Join_Early_Stop_Forwarded()
    {
        _box.Handle(_box.Join(7));
        _box.Handler.Stop();
        Assert.That(_box.Network.Packets, Is.EqualTo(new[] { _box.Join(7).Build() }));
        AssertCounted(Reason.JoinUnresolved, 1);
    }

    [Test]
    public void Join_Early_PacketIsCopied()
    {
        var join = _box.Join(7).Build();
        _box.Handle(join);
        Array.Clear(join);
        _box.Tokens.Add(7, _server);
        _box.Handler.RetryDeferred();
        Assert.That(_box.Kernel.Packets, Is.EqualTo(new[] { _box.Join(7).Build() }));
    }

    [Test]
    public void Joins_Early_OneIsLearnt_TheOthersAreKept()
    {
        for (uint token = 1; token <= 3; token++)
            _box.Handle(_box.Join(token));
        _box.Tokens.Add(2, _server);
        _box.Handler.RetryDeferred();
        Assert.That(_box.Kernel.Packets, Is.EqualTo(new[] { _box.Join(2).Build() }));
        _box.Time.Advance(DeferredPackets.Patience);
        _box.Handler.RetryDeferred();
        Assert.That(_box.Network.Packets, Is.EqualTo(new[] { _box.Join(1).Build(), _box.Join(3).Build() }));
    }

    [Test]
    public void Joins_Early_MoreThanThereIsRoomFor_Accepted()
    {
        for (uint token = 0; token < Capacity; token++)
            Assert.That(_box.Handle(_box.Join(token)), Is.EqualTo(PacketOutcome.Drop));
        Assert.That(_box.Handle(_box.Join(Capacity)), Is.EqualTo(PacketOutcome.Accept));
        AssertCounted(Reason.JoinUnresolved, 1);

        _box.Time.Advance(DeferredPackets.Patience);
        _box.Handler.RetryDeferred();
        Assert.That(_box.Network.Packets, Has.Count.EqualTo(Capacity));
        Assert.That(_box.Handle(_box.Join(Capacity)), Is.EqualTo(PacketOutcome.Drop), "there is room again");
    }

    private void AssertCounted(Reason reason, int times) => Assert.That(_box.Negotiator.Bypassed[reason], Is.EqualTo(times));
}
