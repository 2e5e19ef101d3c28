using Middlebox.Negotiation;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Contexts;
using Middlebox.Negotiation.Joins;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Servers;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Interceptor.Tests;

/// <summary>Each edit of a decision on bytes: what is changed, and that nothing else is.</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[Parallelizable(ParallelScope.All)]
public sealed class SegmentEditorTests(string client, string server)
{
    private const TcpFlags EcnSyn = TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr;
    private const MpCapableFlags WithP = MpCapableFlags.HmacSha256 | MpCapableFlags.Extensibility;
    private static readonly byte[] OthersClaim = [30, 6, 0xFC, 0, 0, 9];
    private static readonly byte[] Experiment = [30, 4, 0xF0, 0x99];

    private int TcpOffset => client.StartsWith('[') ? 40 : 20;

    [Test]
    public void None_ChangesNothing() => Assert.That(Apply(Syn().MpCapable(), SegmentEdits.None), Is.EqualTo(Syn().MpCapable().Build()));

    [Test]
    public void WithdrawEcn_ChangesTheFlagsOnly() => Assert.That(
        Apply(Syn().Flags(EcnSyn).MpCapable(), SegmentEdits.WithdrawEcn), Is.EqualTo(Syn().MpCapable().Build()));

    [Test]
    public void BlankMpCapable_LeavesNops() => Assert.That(
        Apply(Syn().MpCapable(), SegmentEdits.BlankMpCapable), Is.EqualTo(Syn().Nop().Nop().Nop().Nop().Build()));

    [Test]
    public void SetClaimBit_SetsItWherever() => Assert.That(
        Apply(Syn().MpCapable(), SegmentEdits.SetClaimBit), Is.EqualTo(Syn().MpCapable(WithP).Build()));

    [Test]
    public void SetClaimBit_InASynAck_KeepsTheKey() => Assert.That(
        Apply(SynAck().MpCapable(5UL), SegmentEdits.SetClaimBit), Is.EqualTo(SynAck().MpCapable(5UL, WithP).Build()));

    [Test]
    public void SetClaimBit_WithoutMpCapable_ChangesNothing() =>
        Assert.That(Apply(Syn(), SegmentEdits.SetClaimBit), Is.EqualTo(Syn().Build()));

    [Test]
    public void RemoveClaim_Option_LeavesTheOrderOfTheOthers() => Assert.That(
        Apply(Syn().Option(OthersClaim).MpCapable().Option(253, 4, 7, 7), SegmentEdits.RemoveClaim),
        Is.EqualTo(Syn().MpCapable().Option(253, 4, 7, 7).Nop().Nop().Nop().Nop().Build()), "what was padding stays");

    [Test]
    public void RemoveClaim_Bit_ChangesTheBitOnly() => Assert.That(
        Apply(Syn().MpCapable(WithP), SegmentEdits.RemoveClaim), Is.EqualTo(Syn().MpCapable().Build()));

    [Test]
    public void RemoveClaim_BitAndOptions_RemovesAll() => Assert.That(
        Apply(Syn().Option(OthersClaim).MpCapable(WithP).Option(OthersClaim), SegmentEdits.RemoveClaim),
        Is.EqualTo(Syn().MpCapable().Nop().Nop().Nop().Nop().Build()));

    [Test]
    public void RemoveClaim_ForeignExperiment_Stays([Values] bool isBehind)
    {
        var syn = isBehind ? Syn().Option(OthersClaim).Option(Experiment) : Syn().Option(Experiment).Option(OthersClaim);
        Assert.That(
            Apply(syn.MpCapable(), SegmentEdits.RemoveClaim),
            Is.EqualTo(Syn().Option(Experiment).MpCapable().Nop().Nop().Nop().Nop().Build()));
    }

    [Test]
    public void RemoveClaim_None_ChangesNothing() => Assert.That(
        Apply(Syn().Option(Experiment).MpCapable(), SegmentEdits.RemoveClaim),
        Is.EqualTo(Syn().Option(Experiment).MpCapable().Build()));

    [Test]
    public void AppendClaim_ByGrowing() => Assert.That(
        Apply(Syn().MpCapable(), SegmentEdits.AppendClaim, Claim(isSigned: true)),
        Is.EqualTo(Syn().MpCapable().Option(Claim(isSigned: true).Bytes).Build()));

    [Test]
    public void AppendClaim_IntoPaddingAtTheEnd([Range(1, 16)] int padding)
    {
        var syn = Syn().MpCapable();
        for (var i = 0; i < padding; i++)
            syn.Nop();
        var edited = Apply(syn, SegmentEdits.AppendClaim, Claim(isSigned: true));
        Assert.That(edited, Is.EqualTo(Syn().MpCapable().Option(Claim(isSigned: true).Bytes).Build()));
    }

    [Test]
    public void AppendClaim_PaddingBetweenOptions_Stays() => Assert.That(
        Apply(Syn().Nop().Nop().MpCapable(), SegmentEdits.AppendClaim, Claim(isSigned: false)),
        Is.EqualTo(Syn().Nop().Nop().MpCapable().Option(Claim(isSigned: false).Bytes).Build()));

    [Test]
    public void AppendClaim_AfterEndOfList_TakesItsPlace() => Assert.That(
        Apply(Syn().MpCapable().EndOfList().Option(0, 0, 0), SegmentEdits.AppendClaim, Claim(isSigned: true)),
        Is.EqualTo(Syn().MpCapable().Option(Claim(isSigned: true).Bytes).Build()));

    [Test]
    public void AppendClaim_ThePayloadMoves()
    {
        var syn = Syn().MpCapable().Payload(1, 2, 3, 4, 5);
        Assert.That(
            Apply(syn, SegmentEdits.AppendClaim, Claim(isSigned: true)),
            Is.EqualTo(Syn().MpCapable().Option(Claim(isSigned: true).Bytes).Payload(1, 2, 3, 4, 5).Build()));
    }

    // 24 octets are there before the others; 40 is the most, and the claim has 14.
    [TestCase(0, true)]
    [TestCase(1, false)]
    public void AppendClaim_UntilThereIsNoRoom(int others, bool expected)
    {
        var syn = Syn().MpCapable();
        for (var i = 0; i < others; i++)
            syn.Option(253, 3, 0);
        var packet = syn.Build();
        var buffer = new byte[packet.Length + 16];
        packet.CopyTo(buffer, 0);
        var length = packet.Length;
        var decision = new Decision(
            Verdict.Forward, Reason.Claimed, SegmentEdits.AppendClaim | SegmentEdits.RemoveClaim, Claim(isSigned: true));
        Assert.That(SegmentEditor.TryApply(buffer, ref length, TcpOffset, in decision), Is.EqualTo(expected));
        PacketHandlerBench.AssertSound(buffer[..length]);
        if (!expected)
            Assert.That(buffer[..length], Is.EqualTo(packet));
    }

    [Test]
    public void NoRoom_TheOtherEditsAreDone()
    {
        var packet = Syn().Flags(EcnSyn).MpCapable(WithP).Option(253, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0).Build();
        var length = packet.Length;
        var decision = new Decision(
            Verdict.Forward,
            Reason.Claimed,
            SegmentEdits.WithdrawEcn | SegmentEdits.RemoveClaim | SegmentEdits.AppendClaim,
            Claim(isSigned: true));
        Assert.That(SegmentEditor.TryApply(packet, ref length, TcpOffset, in decision), Is.False);
        Assert.That(
            packet[..length], Is.EqualTo(Syn().MpCapable().Option(253, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0).Build()));
    }

    [Test]
    public void All_InOne() => Assert.That(
        Apply(
            Syn().Flags(EcnSyn).Option(OthersClaim).MpCapable(WithP).Option(Experiment),
            SegmentEdits.WithdrawEcn | SegmentEdits.RemoveClaim | SegmentEdits.AppendClaim,
            Claim(isSigned: false)),
        Is.EqualTo(Syn().MpCapable().Option(Experiment).Option(Claim(isSigned: false).Bytes).Build()));

    [Test]
    public void RemoveAndSetTheBit_ReplacesAnOption() => Assert.That(
        Apply(Syn().MpCapable().Option(OthersClaim), SegmentEdits.RemoveClaim | SegmentEdits.SetClaimBit),
        Is.EqualTo(Syn().MpCapable(WithP).Nop().Nop().Nop().Nop().Build()));

    // Damage on the path must still be found at its end.
    [Test]
    public void ChecksumWrongBefore_IsWrongAfter()
    {
        var packet = Syn().MpCapable(WithP).Option(OthersClaim).Build();
        packet[TcpOffset + TcpConstants.ChecksumOffset] ^= 0x55;
        var length = packet.Length;
        var decision = new Decision(Verdict.Forward, Reason.Claimed, SegmentEdits.RemoveClaim);
        SegmentEditor.TryApply(packet, ref length, TcpOffset, in decision);
        Assert.That(InternetChecksum.TcpChecksumIsValid(packet.AsSpan(0, length), TcpOffset), Is.False);
    }

    /// <summary>A claim of a real decision: they cannot be had otherwise.</summary>
    private ClaimOption Claim(bool isSigned)
    {
        var keys = new SharedKeys(new Dictionary<byte, byte[]> { [1] = new byte[16] }, 1, [1]);
        var time = new ManualTimeProvider();
        var state = new NegotiationState(
            new NegotiationOptions(),
            new PolicyTable([], PolicyAction.Serve),
            new ExplicitSettings(1, 4, ClaimCarrier.Option, isSigned ? keys : null, !isSigned),
            new DroppingServers(1, TimeSpan.FromHours(1), time),
            new ServerCapabilities(new NegotiationOptions(), time),
            new ServedTokens(time),
            new RelayedFlows(time));
        TcpPacket.Read(Syn().MpCapable().Build(), out var syn);
        return new Negotiator(state, 1, 1, time).Decide(in syn).Claim;
    }

    private byte[] Apply(PacketBuilder builder, SegmentEdits edits, ClaimOption claim = default)
    {
        var packet = builder.Build();
        var buffer = new byte[packet.Length + 16];
        packet.CopyTo(buffer, 0);
        var length = packet.Length;
        var decision = new Decision(Verdict.Forward, Reason.Claimed, edits, claim);
        Assert.That(SegmentEditor.TryApply(buffer, ref length, TcpOffset, in decision), Is.True);
        PacketHandlerBench.AssertSound(buffer[..length]);
        return buffer[..length];
    }

    private PacketBuilder Syn() =>
        PacketBuilder.Syn(client, server).Isn(100).Mss(1460).SackPermitted().Timestamps(1, 0).Nop().WindowScale(7);

    private PacketBuilder SynAck() => PacketBuilder.SynAck(server, client).Isn(500).Acknowledging(101).Mss(1460);
}
