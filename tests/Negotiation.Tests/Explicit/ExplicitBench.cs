using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Policy;
using Middlebox.Negotiation.Tests.Claims;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Explicit;

/// <summary>An explicit box, and segments with the claims of another one.</summary>
internal sealed class ExplicitBench(
    string client, string server, ExplicitSettings settings, PolicyRule? rule = null, int maxContexts = 16)
{
    public const MpCapableFlags WithP = MpCapableFlags.HmacSha256 | MpCapableFlags.Extensibility;

    /// <summary>How a connection is claimed in the place of another's claim, if there was one.</summary>
    public const SegmentEdits Claiming = SegmentEdits.RemoveClaim | SegmentEdits.AppendClaim;
    public const SegmentEdits ClaimingByBit = SegmentEdits.RemoveClaim | SegmentEdits.SetClaimBit;

    public NegotiatorBench Box { get; } = new(
        client,
        server,
        maxContexts: maxContexts,
        policy: new PolicyTable(rule is null ? [] : [rule], PolicyAction.Serve),
        settings: settings);

    public long Claims(Reason reason) => Box.Negotiator.Claims[reason];

    /// <summary>A SYN that another proxy has claimed.</summary>
    public PacketBuilder ClaimedSyn(byte preference, SharedKeys? keys = null) => Box.MptcpSyn().Option(ClaimOf(preference, keys));

    public byte[] ClaimOf(byte preference, SharedKeys? keys = null) =>
        SynClaims.Write(Box.Flow, NegotiatorBench.Isn, new ProxyClaim(Operator.SecondProxy, preference), keys ?? Operator.Keys)
            .Bytes.ToArray();

    /// <summary>A SYN that another proxy has claimed by the bit.</summary>
    public PacketBuilder BitSyn() =>
        PacketBuilder.Syn(client, server).Isn(NegotiatorBench.Isn).Mss(1460).Timestamps(1, 0).MpCapable(WithP);

    /// <summary>The SYN/ACK that the box's own kernel answers with.</summary>
    public PacketBuilder OwnSynAck() => Box.SynAck().Mss(1460).MpCapable(0x1112131415161718UL);

    /// <summary>A SYN/ACK of another proxy, with its claim.</summary>
    public PacketBuilder ClaimedSynAck(SharedKeys keys)
    {
        TcpPacket.Read(Box.CapableSynAck().Build(), out var synAck);
        var options = HandshakeOptions.Read(synAck.Options);
        SynAckClaims.TryWrite(in synAck, in options, new ProxyClaim(Operator.SecondProxy, 4), keys, out var option);
        return Box.CapableSynAck().Option(option.Bytes);
    }

    public Decision DecideOwn(PacketBuilder synAck) => Box.DecideOwn(synAck);

    public void AssertNoContext(Reason reason)
    {
        Assert.That(Box.Negotiator.ContextsCreated, Is.Zero);
        Assert.That(Box.Bypassed, Is.EqualTo(new Dictionary<Reason, long> { [reason] = 1 }));
    }
}
