using Middlebox.Interceptor.Injection;
using Middlebox.Negotiation;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests;

[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class PacketHandlerTests(string client, string server)
{
    private const TcpFlags EcnSyn = TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr;

    private readonly PacketHandlerBench _box = new(client, server);

    private int TcpOffset => client.StartsWith('[') ? 40 : 20;

    [Test]
    public void Syn_Served_AcceptedUnchanged()
    {
        Assert.That(_box.Handle(_box.MptcpSyn()), Is.EqualTo(PacketOutcome.Accept));
        _box.AssertNothingSent();
    }

    [Test]
    public void Syn_RequestingEcn_LosesTheRequestAndNothingElse()
    {
        Assert.That(_box.Handle(_box.MptcpSyn().Flags(EcnSyn), out var syn), Is.EqualTo(PacketOutcome.AcceptChanged));
        Assert.That(syn, Is.EqualTo(_box.MptcpSyn().Build()));
    }

    // RFC 9768 section 3.1.1: AE, CWR and ECE together ask for accurate ECN.
    [Test]
    public void Syn_RequestingAccurateEcn_LosesTheRequestAndNothingElse()
    {
        var syn = _box.MptcpSyn().Flags(EcnSyn).Build();
        SetAccurateEcn(syn);
        PacketHandlerBench.AssertSound(syn);

        Assert.That(_box.Handle(syn, out var changed), Is.EqualTo(PacketOutcome.AcceptChanged));
        Assert.That(changed, Is.EqualTo(_box.MptcpSyn().Build()));
    }

    [Test]
    public void Syn_RequestingEcn_ChecksumWrongBefore_IsWrongAfter()
    {
        var syn = _box.MptcpSyn().Flags(EcnSyn).Build();
        syn[TcpOffset + 16] ^= 0x55;
        Assert.That(_box.Handle(syn, out var changed), Is.EqualTo(PacketOutcome.AcceptChanged));
        Assert.That(InternetChecksum.TcpChecksumIsValid(changed, TcpOffset), Is.False);
    }

    [Test]
    public void Syn_Repeated_MpCapableIsBlankedAndNothingElse([Values] bool requestsEcn)
    {
        var flags = requestsEcn ? EcnSyn : TcpFlags.Syn;
        _box.Handle(_box.MptcpSyn().Flags(flags), out _);
        Assert.That(_box.Handle(_box.MptcpSyn().Flags(flags), out var syn), Is.EqualTo(PacketOutcome.AcceptChanged));

        AssertBlanked(syn);
    }

    [Test]
    public void Syn_ServerDropsMpCapable_BlankedAtOnce()
    {
        _box.Dropping.ReportDropped(HostEndpoint.Parse(server));
        _box.Dropping.ReportDropped(HostEndpoint.Parse(server));
        Assert.That(_box.Handle(_box.MptcpSyn(), out var syn), Is.EqualTo(PacketOutcome.AcceptChanged));
        AssertBlanked(syn);
        Assert.That(_box.Negotiator.ContextsCreated, Is.Zero);
    }

    [Test]
    public void SynAck_Legacy_HeldBackAndTheClientsSynInjected()
    {
        var syn = _box.MptcpSyn().Build();
        _box.Handle(syn);
        Assert.That(_box.Handle(_box.SynAck()), Is.EqualTo(PacketOutcome.Drop));

        Assert.That(_box.Kernel.Packets, Is.EqualTo(new[] { syn }));
        Assert.That(_box.Taker.Taken, Has.Count.EqualTo(1));
        Assert.That(_box.Taker.GivenUp, Is.Empty);
        Assert.That(_box.Network.Packets.Count + _box.ServerLeg.Packets.Count, Is.Zero);
    }

    // The kernel may answer the injected SYN before TrySend returns.
    [Test]
    public void SynAck_Legacy_TakenBeforeTheSynIsInjected()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Taker.Refusal = Reason.FlowLimit;
        _box.Handle(_box.SynAck());
        Assert.That(_box.Kernel.Packets, Is.Empty);
    }

    [Test]
    public void SynAck_Legacy_ClientWantedEcn_InjectedSynStillAsksForIt()
    {
        _box.Handle(_box.MptcpSyn().Flags(EcnSyn), out _);
        _box.Handle(_box.SynAck());
        Assert.That(_box.Kernel.Packets, Is.EqualTo(new[] { _box.MptcpSyn().Flags(EcnSyn).Build() }));
    }

    [TestCase(Reason.FlowLimit)]
    [TestCase(Reason.ListenerUnavailable)]
    [TestCase(Reason.PortReserved)]
    public void SynAck_Legacy_RelayRefuses_ForwardedAndReleased(Reason refusal)
    {
        _box.Taker.Refusal = refusal;
        _box.Handle(_box.MptcpSyn());
        Assert.That(_box.Handle(_box.SynAck()), Is.EqualTo(PacketOutcome.Accept));

        _box.AssertNothingSent();
        Assert.That(_box.Negotiator.ContextCount, Is.Zero);
        Assert.That(_box.Negotiator.Released[refusal], Is.EqualTo(1));
        Assert.That(_box.Taker.GivenUp, Is.Empty, "what was not taken is not given up");
        _box.Handler.Sweep();
        _box.AssertNothingSent();
    }

    [Test]
    public void SynAck_Legacy_InjectionFails_ForwardedAndGivenUp()
    {
        _box.Kernel.Refuses = true;
        _box.Handle(_box.MptcpSyn());
        Assert.That(_box.Handle(_box.SynAck()), Is.EqualTo(PacketOutcome.Accept));

        Assert.That(_box.Taker.GivenUp, Is.EqualTo(_box.Taker.Taken).And.Count.EqualTo(1));
        Assert.That(_box.Negotiator.Released[Reason.InjectionFailed], Is.EqualTo(1));
        Assert.That(_box.Negotiator.ContextCount, Is.Zero);
        _box.Handler.Sweep();
        Assert.That(_box.Taker.GivenUp, Has.Count.EqualTo(1));
        _box.AssertNothingSent();
    }

    [Test]
    public void SynAck_Repeated_Acting_Dropped()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Handle(_box.SynAck());
        Assert.That(_box.Handle(_box.SynAck()), Is.EqualTo(PacketOutcome.Drop));
        Assert.That(_box.Taker.Taken, Has.Count.EqualTo(1));
        Assert.That(_box.Kernel.Packets, Has.Count.EqualTo(1));
    }

    [Test]
    public void SynAck_Capable_AcceptedUnchanged()
    {
        _box.Handle(_box.MptcpSyn());
        Assert.That(_box.Handle(_box.SynAck().MpCapable(1UL)), Is.EqualTo(PacketOutcome.Accept));
        _box.AssertNothingSent();
        Assert.That(_box.Taker.Taken, Is.Empty);
    }

    [Test]
    public void Syn_Repeated_Acting_DivertedToTheKernel()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Handle(_box.SynAck());
        Assert.That(_box.Handle(_box.MptcpSyn()), Is.EqualTo(PacketOutcome.Drop));
        Assert.That(_box.Kernel.Packets, Has.Count.EqualTo(2));
        Assert.That(_box.Kernel.Packets[1], Is.EqualTo(_box.MptcpSyn().Build()));
    }

    [Test]
    public void Join_OfOurs_Diverted()
    {
        _box.Tokens.Add(7, HostEndpoint.Parse(server));
        Assert.That(_box.Handle(_box.Join(7)), Is.EqualTo(PacketOutcome.Drop));
        Assert.That(_box.Kernel.Packets, Is.EqualTo(new[] { _box.Join(7).Build() }));
    }

    [Test]
    public void Join_OfOurs_KernelTakesItLater_Diverted()
    {
        _box.Tokens.Add(7, HostEndpoint.Parse(server));
        _box.Kernel.Refuses = true;
        Assert.That(_box.Handle(_box.Join(7)), Is.EqualTo(PacketOutcome.Drop));
        _box.Kernel.Refuses = false;
        _box.Handler.RetryDeferred();
        Assert.That(_box.Kernel.Packets, Is.EqualTo(new[] { _box.Join(7).Build() }));
        Assert.That(_box.Negotiator.Bypassed[Reason.DeliveryFailed], Is.Zero);
    }

    // The server would answer it as one that knows no MPTCP, and the client would give the subflow up.
    [Test]
    public void Join_OfOurs_KernelNeverTakesIt_CountedAndNotForwarded()
    {
        _box.Tokens.Add(7, HostEndpoint.Parse(server));
        _box.Kernel.Refuses = true;
        _box.Handle(_box.Join(7));
        _box.Time.Advance(DeferredPackets.Patience);
        _box.Handler.RetryDeferred();
        Assert.That(_box.Handler.HasDeferred, Is.False);
        Assert.That(_box.Negotiator.Bypassed[Reason.DeliveryFailed], Is.EqualTo(1));
        _box.AssertNothingSent();
    }

    [Test]
    public void Join_Foreign_AcceptedUnchanged()
    {
        Assert.That(_box.Handle(_box.Join(7)), Is.EqualTo(PacketOutcome.Accept));
        _box.AssertNothingSent();
    }

    [Test]
    public void PacketWithTrailingBytes_DivertedAsLongAsItsIpHeaderSays()
    {
        _box.Tokens.Add(7, HostEndpoint.Parse(server));
        byte[] padded = [.. _box.Join(7).Build(), 0, 0, 0, 0, 0, 0];
        _box.Handle(padded);
        Assert.That(_box.Kernel.Packets, Is.EqualTo(new[] { _box.Join(7).Build() }));
    }

    [Test]
    public void PacketCutAnywhere_AcceptedUnchanged()
    {
        var syn = _box.MptcpSyn().Flags(EcnSyn).Build();
        for (var length = 0; length < syn.Length; length++)
        {
            var cut = syn[..length];
            Assert.That(_box.Handle(cut), Is.EqualTo(PacketOutcome.Accept));
        }

        Assert.That(_box.Negotiator.Bypassed[Reason.MalformedPacket], Is.EqualTo(syn.Length));
    }

    [Test]
    public void PacketLongerThanWhatWasCopied_AcceptedAndCounted()
    {
        Assert.That(_box.Handler.HandleCut(), Is.EqualTo(PacketOutcome.Accept));
        Assert.That(_box.Negotiator.Bypassed[Reason.SynWithData], Is.EqualTo(1));
    }

    [Test]
    public void ClientVanished_ServerIsToldOnce()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Handle(_box.SynAck());
        _box.Time.Advance(_box.ClientTimeout);
        for (var i = 0; i < 3; i++)
            _box.Handler.Sweep();

        Assert.That(_box.Taker.GivenUp, Is.EqualTo(_box.Taker.Taken).And.Count.EqualTo(1));
        AssertOneReset();
    }

    // Or the kernel would answer the client for another minute, and take its next SYN for a segment of the old connection.
    [Test]
    public void ClientVanished_OwnKernelIsToldToo()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Handle(_box.SynAck());
        _box.Time.Advance(_box.ClientTimeout);
        _box.Handler.Sweep();
        Assert.That(_box.Kernel.Packets[1..], Is.EqualTo(_box.ServerLeg.Packets));
    }

    // RFC 9293 section 3.10.7.4: the server would answer the new SYN with an acknowledgment of the old one.
    [Test]
    public void Syn_OtherIsn_Acting_ServerIsToldBeforeTheNewSynGoesOn()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Handle(_box.SynAck());
        Assert.That(_box.Handle(_box.MptcpSyn().Isn(700)), Is.EqualTo(PacketOutcome.Accept));
        AssertOneReset();
        Assert.That(_box.Taker.GivenUp, Is.EqualTo(_box.Taker.Taken));
        _box.Handler.Sweep();
        AssertOneReset();
    }

    // Nobody but the client knows what the server has; it is left to them, as without the box.
    [Test]
    public void Syn_OtherIsn_NotActing_ServerIsNotTold()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Handle(_box.MptcpSyn().Isn(700));
        _box.Handler.Sweep();
        _box.AssertNothingSent();
    }

    [Test]
    public void ClientVanished_ResetCannotBeSent_GivenUpAllTheSame()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Handle(_box.SynAck());
        _box.ServerLeg.Refuses = true;
        _box.Time.Advance(_box.ClientTimeout);
        _box.Handler.Sweep();
        Assert.That(_box.Taker.GivenUp, Has.Count.EqualTo(1));
        Assert.That(_box.Negotiator.ContextCount, Is.Zero);
    }

    [Test]
    public void Stop_ServerIsToldOnce()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Handle(_box.SynAck());
        _box.Handler.Stop();
        _box.Handler.Stop();
        Assert.That(_box.Taker.GivenUp, Is.EqualTo(_box.Taker.Taken).And.Count.EqualTo(1));
        AssertOneReset();
    }

    [Test]
    public void Adopted_ServerIsNotTold()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Handle(_box.SynAck());
        _box.Taker.Taken[0].TrySettle(Reason.Adopted);
        _box.Time.Advance(_box.ClientTimeout);
        _box.Handler.Sweep();
        _box.Handler.Stop();
        Assert.That(_box.Taker.GivenUp, Is.Empty);
        Assert.That(_box.ServerLeg.Packets, Is.Empty);
    }

    private void AssertOneReset()
    {
        Assert.That(_box.ServerLeg.Packets, Has.Count.EqualTo(1));
        PacketHandlerBench.AssertSound(_box.ServerLeg.Packets[0]);
        TcpPacket.Read(_box.ServerLeg.Packets[0], out var reset);
        Assert.That(reset.Flags, Is.EqualTo(TcpFlags.Rst));
        Assert.That(reset.Sequence, Is.EqualTo(101));
        Assert.That(reset.Destination, Is.EqualTo(HostEndpoint.Parse(server)));
        Assert.That(_box.Network.Packets, Is.Empty);
    }

    private void AssertBlanked(byte[] syn)
    {
        PacketHandlerBench.AssertSound(syn);
        var expected = PacketBuilder.Syn(client, server).Isn(100)
            .Mss(1460).SackPermitted().Timestamps(1, 0).Nop().WindowScale(7).Nop().Nop().Nop().Nop().Build();
        Assert.That(syn, Is.EqualTo(expected));
    }

    private void SetAccurateEcn(byte[] syn)
    {
        syn[TcpOffset + TcpConstants.DataOffsetOffset] |= TcpConstants.AccurateEcnBit;
        syn.AsSpan(TcpOffset + TcpConstants.ChecksumOffset, sizeof(ushort)).Clear();
        var checksum = InternetChecksum.TcpChecksum(syn, TcpOffset);
        (syn[TcpOffset + TcpConstants.ChecksumOffset], syn[TcpOffset + TcpConstants.ChecksumOffset + 1]) =
            ((byte)(checksum >> 8), (byte)checksum);
    }
}
