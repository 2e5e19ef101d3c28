using Middlebox.Negotiation;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests;

/// <summary>An explicit box on bytes: what goes on, and what its own kernel gets and says.</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class ExplicitPacketTests
{
    private const MpCapableFlags WithP = MpCapableFlags.HmacSha256 | MpCapableFlags.Extensibility;
    private const ulong KernelKey = 0x0102030405060708;

    private static readonly SharedKeys Keys = new(new Dictionary<byte, byte[]> { [1] = new byte[16] }, 1, [7]);

    private readonly string _client;
    private readonly string _server;
    private readonly PacketHandlerBench _box;

    public ExplicitPacketTests(string client, string server)
    {
        _client = client;
        _server = server;
        _box = Box(ClaimCarrier.Option, Keys);
    }

    [Test]
    public void Syn_Served_GrowsByTheClaimAndNothingElse()
    {
        Assert.That(_box.Handle(_box.MptcpSyn(), out var syn), Is.EqualTo(PacketOutcome.AcceptChanged));
        PacketHandlerBench.AssertSound(syn);
        Assert.That(syn, Is.EqualTo(_box.MptcpSyn().Option(ClaimIn(syn)).Build()));
        Assert.That(ClaimIn(syn)[..6], Is.EqualTo(new byte[] { 30, 14, 0xFC, 1, 0, 7 }));
    }

    [Test]
    public void Syn_Served_BitCarrier_ChangesTheBitOnly()
    {
        var box = Box(ClaimCarrier.CapableBit, keys: null);
        Assert.That(box.Handle(Syn(), out var syn), Is.EqualTo(PacketOutcome.AcceptChanged));
        PacketHandlerBench.AssertSound(syn);
        Assert.That(syn, Is.EqualTo(Syn(WithP).Build()));
    }

    [Test]
    public void Syn_ClaimedByAnother_AcceptedUnchanged()
    {
        _box.Handle(_box.MptcpSyn(), out var claimed);
        var next = Box(ClaimCarrier.Option, Keys);
        Assert.That(next.Handle(claimed), Is.EqualTo(PacketOutcome.Accept));
        Assert.That(next.Negotiator.Bypassed[Reason.ClaimedByOther], Is.EqualTo(1));
    }

    [Test]
    public void Syn_NoRoom_AcceptedAndLeftToTheImplicitScheme()
    {
        var syn = _box.MptcpSyn().Option(253, 4, 0, 0).Build();
        Assert.That(_box.Handle(syn, out var result), Is.EqualTo(PacketOutcome.AcceptChanged));
        Assert.That(result, Is.EqualTo(syn));
        Assert.That(_box.Negotiator.Claims[Reason.NoRoomForClaim], Is.EqualTo(1));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));

        Assert.That(_box.Handle(_box.SynAck()), Is.EqualTo(PacketOutcome.Drop));
        Assert.That(_box.Taker.Taken[0].Claim, Is.Null);
        Assert.That(_box.Handle(KernelSynAck(), out _, PacketHook.LocalOut), Is.EqualTo(PacketOutcome.Accept));
    }

    [Test]
    public void SynAck_Legacy_InjectedSynHasNoClaim()
    {
        _box.Handle(_box.MptcpSyn());
        _box.Handle(_box.SynAck());
        Assert.That(_box.Kernel.Packets, Is.EqualTo(new[] { _box.MptcpSyn().Build() }));
    }

    [Test]
    public void OwnSynAck_GrowsByTheClaimAndTheClientVerifiesIt()
    {
        Act(_box);
        Assert.That(_box.Handle(KernelSynAck(), out var synAck, PacketHook.LocalOut), Is.EqualTo(PacketOutcome.AcceptChanged));
        PacketHandlerBench.AssertSound(synAck);
        Assert.That(synAck, Is.EqualTo(KernelSynAck().Option(ClaimIn(synAck)).Build()));
        TcpPacket.Read(synAck, out var segment);
        Assert.That(segment.Options.Length, Is.EqualTo(TcpConstants.MaximumOptionsLength), "it fits just so");
        Assert.That(SynAckClaims.Verify(in segment, Keys, acceptUnsigned: false, out var claim), Is.True);
        Assert.That(claim, Is.EqualTo(new ProxyClaim(7, 4)));
    }

    [Test]
    public void OwnSynAck_BitCarrier_HasTheBit()
    {
        var box = Box(ClaimCarrier.CapableBit, keys: null);
        Act(box);
        Assert.That(box.Handle(KernelSynAck(), out var synAck, PacketHook.LocalOut), Is.EqualTo(PacketOutcome.AcceptChanged));
        Assert.That(synAck, Is.EqualTo(KernelSynAck(WithP).Build()));
    }

    [Test]
    public void OwnSynAck_NoRoom_AcceptedAndCounted()
    {
        Act(_box);
        var synAck = KernelSynAck().Option(253, 4, 0, 0).Build();
        Assert.That(_box.Handle(synAck, out var result, PacketHook.LocalOut), Is.EqualTo(PacketOutcome.AcceptChanged));
        Assert.That(result, Is.EqualTo(synAck));
        Assert.That(_box.Negotiator.Claims[Reason.NoRoomForClaim], Is.EqualTo(1));
    }

    // The box's own SYN/ACK must not be taken for the server's, nor the server's for its own.
    [Test]
    public void OwnSynAck_OfAnotherConnection_AcceptedAndNothingDecided()
    {
        _box.Handle(_box.MptcpSyn());
        var other = PacketBuilder.SynAck(_server, _client.Replace("40000", "40001", StringComparison.Ordinal)).Acknowledging(101);
        Assert.That(_box.Handle(other, out _, PacketHook.LocalOut), Is.EqualTo(PacketOutcome.Accept));
        Assert.That(_box.Negotiator.ContextCount, Is.EqualTo(1));
        _box.AssertNothingSent();
    }

    [Test]
    public void OwnPacket_Malformed_Accepted() => Assert.That(
        _box.Handle(KernelSynAck().Build()[..30], out _, PacketHook.LocalOut), Is.EqualTo(PacketOutcome.Accept));

    [Test]
    public void Packets_OfTheExplicitScheme_AllocateNothing()
    {
        var claimed = Box(ClaimCarrier.Option, Keys);
        claimed.Handle(_box.MptcpSyn(), out var claimedSyn);
        var syn = _box.MptcpSyn().Build();
        var synAck = _box.SynAck().MpCapable(KernelKey).Build();
        Handle(_box.Handler, syn, claimedSyn, synAck, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Handle(_box.Handler, syn, claimedSyn, synAck, 10_000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(_box.Negotiator.Claims[Reason.Claimed], Is.EqualTo(10_100));
        Assert.That(_box.Negotiator.Bypassed[Reason.ClaimedByOther], Is.EqualTo(10_100));
    }

    private static void Handle(PacketHandler handler, byte[] syn, byte[] claimedSyn, byte[] synAck, int times)
    {
        for (var i = 0; i < times; i++)
        {
            handler.Handle(syn, PacketHook.Forward);
            handler.Handle(synAck, PacketHook.Forward);
            handler.Handle(claimedSyn, PacketHook.Forward);
            handler.Sweep();
        }
    }

    private static void Act(PacketHandlerBench box)
    {
        box.Handle(box.MptcpSyn());
        Assert.That(box.Handle(box.SynAck()), Is.EqualTo(PacketOutcome.Drop));
    }

    private static byte[] ClaimIn(byte[] packet)
    {
        TcpPacket.Read(packet, out var segment);
        var options = HandshakeOptions.Read(segment.Options);
        return segment.Options.Slice(options.ClaimOffset, options.ClaimLength).ToArray();
    }

    private PacketBuilder Syn(MpCapableFlags flags = MpCapableFlags.HmacSha256) => PacketBuilder.Syn(_client, _server).Isn(100)
        .Mss(1460).SackPermitted().Timestamps(1, 0).Nop().WindowScale(7).MpCapable(flags);

    /// <summary>As Linux answers: 32 of 40 octets are taken.</summary>
    private PacketBuilder KernelSynAck(MpCapableFlags flags = MpCapableFlags.HmacSha256) =>
        PacketBuilder.SynAck(_server, _client).Isn(500).Acknowledging(101)
            .Mss(1460).SackPermitted().Timestamps(1, 1).Nop().WindowScale(7).MpCapable(KernelKey, flags);

    private PacketHandlerBench Box(ClaimCarrier carrier, SharedKeys? keys) =>
        new(_client, _server, new ExplicitSettings(7, 4, carrier, keys, AcceptUnsigned: keys is null));
}
