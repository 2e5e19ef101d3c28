using Middlebox.Negotiation;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests;

[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class LegacyClientPacketTests(string client, string server)
{
    private readonly PacketHandlerBench _box = new(
        client, server, policy: new PolicyTable([PolicyRule.ForEverything(PolicyAction.Serve) with { UpgradeClients = true }], PolicyAction.Serve));

    [Test]
    public void Syn_ServerUnknown_GoesOnWithMpCapable()
    {
        Assert.That(_box.Handle(PlainSyn(), out var sent), Is.EqualTo(PacketOutcome.AcceptChanged));
        PacketHandlerBench.AssertSound(sent);
        Assert.That(sent, Is.EqualTo(PlainSyn().MpCapable().Build()));
        _box.AssertNothingSent();
    }

    [Test]
    public void SynAck_OfALegacyServer_GoesOnAsItIs()
    {
        _box.Handle(PlainSyn());
        Assert.That(_box.Handle(_box.SynAck()), Is.EqualTo(PacketOutcome.Accept));
        _box.AssertNothingSent();
    }

    [Test]
    public void SynAck_OfACapableServer_IsResetAndDialled()
    {
        _box.Handle(PlainSyn());
        Assert.That(_box.Handle(_box.SynAck().MpCapable(7UL)), Is.EqualTo(PacketOutcome.Drop));
        Assert.That(_box.Taker.Dialled, Has.Count.EqualTo(1));
        Assert.That(
            _box.ServerLeg.Packets, Is.EqualTo(new[] { PacketBuilder.Segment(client, server, TcpFlags.Rst).Sequence(101).Window(0).Build() }));
        Assert.That(_box.Kernel.Packets, Is.Empty, "the client waits");
    }

    [Test]
    public void SynAck_OfACapableServer_CannotBeDialled_ClientsSynGoesToTheServerAgain()
    {
        _box.Taker.Refusal = Reason.DialUnavailable;
        _box.Handle(PlainSyn());
        Assert.That(_box.Handle(_box.SynAck().MpCapable(7UL)), Is.EqualTo(PacketOutcome.Drop));
        Assert.That(_box.ServerLeg.Packets, Has.Count.EqualTo(1));
        Assert.That(_box.Network.Packets, Is.EqualTo(new[] { PlainSyn().Build() }));
        Assert.That(_box.Negotiator.ContextCount, Is.Zero);
    }

    [Test]
    public void Syn_ServerKnownCapable_IsHeldBackAndDialled()
    {
        Dial();
        _box.AssertNothingSent();
        Assert.That(_box.Handle(PlainSyn()), Is.EqualTo(PacketOutcome.Drop), "repeated");
        Assert.That(_box.Taker.Dialled, Has.Count.EqualTo(1));
    }

    [Test]
    public void Syn_ServerKnownCapable_CannotBeDialled_GoesOn()
    {
        _box.Taker.Refusal = Reason.FlowLimit;
        Learn();
        Assert.That(_box.Handle(PlainSyn()), Is.EqualTo(PacketOutcome.Accept));
        Assert.That(_box.Negotiator.ContextCount, Is.Zero);
    }

    // It has the addresses and ports of a connection that is just being ended.
    [Test]
    public void Syn_KeptForAMoment_ServerKnownCapable_IsDialledOnce()
    {
        Learn();
        TcpPacket.Read(PlainSyn().Build(), out var syn);
        _box.Relayed.Add(syn.FlowFromClient);
        _box.Handle(PlainSyn());
        _box.Handle(PlainSyn());
        Assert.That(_box.Taker.Dialled, Is.Empty);
        _box.Relayed.Remove(syn.FlowFromClient);
        _box.Time.Advance(RelayedFlows.Linger);
        _box.Handler.RetryDeferred();
        Assert.That(_box.Taker.Dialled, Has.Count.EqualTo(1));
        Assert.That(_box.Handler.HasDeferred, Is.False);
        _box.AssertNothingSent();
    }

    [TestCase(DialOutcome.Mptcp)]
    [TestCase(DialOutcome.Tcp)]
    public void Dial_Connected_ClientsSynIsForTheOwnKernel(DialOutcome outcome)
    {
        _box.Dials.Dialled(Dial(), outcome);
        _box.Handler.HandleDials();
        Assert.That(_box.Kernel.Packets, Is.EqualTo(new[] { PlainSyn().Build() }));
        Assert.That(_box.Network.Packets, Is.Empty);
    }

    [Test]
    public void Dial_Connected_OwnKernelTakesNothing_ClientsSynGoesToTheServer()
    {
        _box.Kernel.Refuses = true;
        var handshake = Dial();
        _box.Dials.Dialled(handshake, DialOutcome.Mptcp);
        _box.Handler.HandleDials();
        Assert.That(_box.Taker.GivenUp, Is.EqualTo(new[] { handshake }));
        Assert.That(handshake.Outcome, Is.EqualTo(Reason.InjectionFailed));
        Assert.That(_box.Network.Packets, Is.EqualTo(new[] { PlainSyn().Build() }));
    }

    [Test]
    public void Dial_Failed_ClientsSynGoesToTheServer()
    {
        var handshake = Dial();
        _box.Dials.Dialled(handshake, DialOutcome.Failed);
        _box.Handler.HandleDials();
        Assert.That(_box.Taker.GivenUp, Is.EqualTo(new[] { handshake }));
        Assert.That(handshake.Outcome, Is.EqualTo(Reason.DialFailed));
        Assert.That(_box.Network.Packets, Is.EqualTo(new[] { PlainSyn().Build() }));
        Assert.That(_box.Kernel.Packets, Is.Empty);
    }

    [Test]
    public void Dial_Connected_ClientVanishes_OnlyTheOwnKernelIsTold()
    {
        var handshake = Dial();
        _box.Dials.Dialled(handshake, DialOutcome.Mptcp);
        _box.Handler.HandleDials();
        _box.Time.Advance(_box.ClientTimeout);
        _box.Handler.Sweep();
        Assert.That(_box.Taker.GivenUp, Is.EqualTo(new[] { handshake }));
        Assert.That(_box.Kernel.Packets, Has.Count.EqualTo(2));
        Assert.That(_box.ServerLeg.Packets, Is.Empty, "the dialled connection is reset by its own socket");
    }

    [Test]
    public void Dial_ConnectedAfterTheClientBeganAnother_IsNotForTheKernel()
    {
        var first = Dial();
        _box.Handle(PlainSyn().Isn(5));
        Assert.That(_box.Taker.GivenUp, Is.EqualTo(new[] { first }));
        var toKernel = _box.Kernel.Packets.Count;
        _box.Dials.Dialled(first, DialOutcome.Mptcp);
        _box.Handler.HandleDials();
        Assert.That(_box.Kernel.Packets, Has.Count.EqualTo(toKernel));
    }

    private PacketBuilder PlainSyn() =>
        PacketBuilder.Syn(client, server).Isn(100).Mss(1460).SackPermitted().Timestamps(1, 0).Nop().WindowScale(7);

    private void Learn()
    {
        TcpPacket.Read(PlainSyn().Build(), out var syn);
        _box.Servers.Learn(syn.Destination, ServerCapability.Capable);
    }

    private Handshake Dial()
    {
        Learn();
        Assert.That(_box.Handle(PlainSyn()), Is.EqualTo(PacketOutcome.Drop));
        return _box.Taker.Dialled.Single();
    }
}
