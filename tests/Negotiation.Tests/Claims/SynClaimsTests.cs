using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Claims;

/// <summary>Claims in SYNs: layout, tag, and what makes the check fail.</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[Parallelizable(ParallelScope.All)]
public sealed class SynClaimsTests(string client, string server)
{
    private const uint Isn = 0x11223344;
    private static readonly ProxyClaim Claim = new(Operator.SecondProxy, 5);

    private FlowKey Flow => new(HostEndpoint.Parse(client), HostEndpoint.Parse(server));

    [Test]
    public void Signed_Layout_14Octets() => Assert.That(
        Write(Operator.Keys),
        Is.EqualTo((byte[])
        [
            30, 14, 0xF8 | 5, Operator.OldKeyId, 0xAB, 0xCD,
            .. PlainTag.OfSyn(Operator.OldKey, client, server, Isn, Operator.SecondProxy, 5, 8),
        ]));

    [Test]
    public void Signed_ByTheNewKey_SaysItsId() => Assert.That(
        Write(Operator.RolledKeys),
        Is.EqualTo((byte[])
        [
            30, 14, 0xFD, Operator.NewKeyId, 0xAB, 0xCD,
            .. PlainTag.OfSyn(Operator.NewKey, client, server, Isn, Operator.SecondProxy, 5, 8),
        ]));

    [Test]
    public void Unsigned_Layout_6Octets() =>
        Assert.That(Write(keys: null), Is.EqualTo(new byte[] { 30, 6, 0xFD, 0, 0xAB, 0xCD }));

    [Test]
    public void Signed_ReadByAnybodyWithTheKey_WhicheverSigns([Values] bool isRolledHere, [Values] bool isRolledThere)
    {
        var option = Write(isRolledThere ? Operator.RolledKeys : Operator.Keys);
        Assert.That(
            Read(Syn().Option(option), isRolledHere ? Operator.RolledKeys : Operator.Keys, out var claim),
            Is.EqualTo(ClaimFinding.Valid));
        Assert.That(claim, Is.EqualTo(Claim));
    }

    [Test]
    public void Signed_AnyPreference_IsRead([Range(0, 7)] int preference)
    {
        var claim = new ProxyClaim(1, (byte)preference);
        var option = SynClaims.Write(Flow, Isn, claim, Operator.Keys).Bytes.ToArray();
        Assert.That(Read(Syn().Option(option), Operator.Keys, out var read), Is.EqualTo(ClaimFinding.Valid));
        Assert.That(read, Is.EqualTo(claim));
    }

    // Whoever replays the claim on another connection has another SYN.
    [Test]
    public void Signed_OnAnotherConnection_Rejected()
    {
        var option = Write(Operator.Keys);
        var otherClient = client.Contains('[') ? "[2001:db8:1::3]:40000" : "198.18.1.3:40000";
        var otherServer = server.Contains('[') ? "[2001:db8:9::3]:80" : "198.18.9.3:80";
        PacketBuilder[] others =
        [
            Syn().Isn(Isn + 1),
            Syn().Isn(Isn ^ 0x8000_0000),
            Syn(otherClient, server),
            Syn(client.Replace("40000", "40001", StringComparison.Ordinal), server),
            Syn(client, otherServer),
            Syn(client, server.Replace(":80", ":81", StringComparison.Ordinal)),
            Syn(server, client),
        ];
        foreach (var other in others)
            Assert.That(Read(other.Option(option), Operator.Keys, out _), Is.EqualTo(ClaimFinding.Rejected));
    }

    [Test]
    public void Signed_AnyBitChanged_IsNotValid([Range(0, (14 * 8) - 1)] int bit)
    {
        var option = Write(Operator.Keys);
        option[bit / 8] ^= (byte)(0x80 >> (bit % 8));
        // A changed kind or length may make what follows malformed; such a SYN is bypassed before.
        Assert.That(Read(Syn().Option(option), Operator.Keys, out _), Is.Not.EqualTo(ClaimFinding.Valid));
    }

    [Test]
    public void Signed_ByAStranger_Rejected() =>
        Assert.That(Read(Syn().Option(Write(Operator.Stranger)), Operator.Keys, out _), Is.EqualTo(ClaimFinding.Rejected));

    [Test]
    public void Signed_UnknownKey_Rejected() => Assert.That(
        Read(Syn().Option(Write(Operator.RolledKeys)), Operator.Ring(1, (1, Operator.OldKey)), out _),
        Is.EqualTo(ClaimFinding.Rejected));

    [Test]
    public void Signed_NoKeysHere_CountsLikeAnUnsignedOne([Values] bool acceptUnsigned)
    {
        var finding = Read(Syn().Option(Write(Operator.Keys)), keys: null, out var claim, acceptUnsigned);
        Assert.That(finding, Is.EqualTo(acceptUnsigned ? ClaimFinding.Valid : ClaimFinding.Rejected));
        Assert.That(claim.ProxyId, Is.Not.Zero);
    }

    [TestCase(true, ClaimFinding.Valid)]
    [TestCase(false, ClaimFinding.Rejected)]
    public void Unsigned_CountsOnlyWhereTheConfigurationSaysSo(bool acceptUnsigned, object expected)
    {
        Assert.That(Read(Syn().Option(Write(null)), Operator.Keys, out var claim, acceptUnsigned), Is.EqualTo(expected));
        Assert.That(claim, Is.EqualTo(Claim));
    }

    [Test]
    public void WithoutATag_ThatOfASignedOneCutOff_IsNoWayAroundTheCheck() => Assert.That(
        Read(Syn().Option([30, 6, .. Write(Operator.Keys)[2..6]]), Operator.Keys, out _), Is.EqualTo(ClaimFinding.Rejected));

    [Test]
    public void CutOff_Rejected([Values(3, 4, 5, 7, 8, 13, 15, 16)] int length, [Values] bool acceptUnsigned)
    {
        byte[] option = [.. Write(Operator.Keys), 0, 0];
        option[1] = (byte)length;
        Assert.That(
            Read(Syn().Option(option.AsSpan(0, length)), Operator.Keys, out _, acceptUnsigned),
            Is.EqualTo(ClaimFinding.Rejected));
    }

    [Test]
    public void OtherVersion_Rejected([Values(1, 2, 3)] int version, [Values] bool isSigned)
    {
        var option = Write(isSigned ? Operator.Keys : null);
        option[3] |= (byte)(version << 6);
        Assert.That(Read(Syn().Option(option), Operator.Keys, out _, acceptUnsigned: true), Is.EqualTo(ClaimFinding.Rejected));
    }

    [Test]
    public void ExperimentWithoutP_IsNoClaim()
    {
        var option = Write(Operator.Keys);
        option[2] &= unchecked((byte)~0x08);
        Assert.That(Read(Syn().Option(option), Operator.Keys, out _), Is.EqualTo(ClaimFinding.Absent));
        Assert.That(Read(Syn().Option(30, 3, 0xF0), Operator.Keys, out _), Is.EqualTo(ClaimFinding.Absent));
    }

    // The subtype is anybody's: somebody else's experiment must not hide a claim.
    [Test]
    public void ExperimentWithoutP_BeforeOrBehindAClaim_HidesNothing([Values] bool isBehind)
    {
        byte[] experiment = [30, 4, 0xF0, 0x99];
        var claim = Write(keys: null);
        var syn = isBehind ? Syn().Option(claim).Option(experiment) : Syn().Option(experiment).Option(claim);
        Assert.That(Read(syn, null, out var read, acceptUnsigned: true), Is.EqualTo(ClaimFinding.Valid));
        Assert.That(read, Is.EqualTo(Claim));
    }

    [Test]
    public void NoOption_Absent() => Assert.That(Read(Syn(), Operator.Keys, out _), Is.EqualTo(ClaimFinding.Absent));

    // The bit cannot tell a preference, so that nobody can claim to want the connection more.
    [TestCase(true, ClaimFinding.Valid)]
    [TestCase(false, ClaimFinding.Rejected)]
    public void Bit_IsUnsigned_AndOfTheHighestPreference(bool acceptUnsigned, object expected)
    {
        var syn = PacketBuilder.Syn(client, server).Isn(Isn).MpCapable(MpCapableFlags.HmacSha256 | MpCapableFlags.Extensibility);
        Assert.That(Read(syn, Operator.Keys, out var claim, acceptUnsigned), Is.EqualTo(expected));
        Assert.That(claim, Is.EqualTo(new ProxyClaim(0, 7)));
    }

    [Test]
    public void BitAndOption_TheOptionDecides()
    {
        const MpCapableFlags Flags = MpCapableFlags.HmacSha256 | MpCapableFlags.Extensibility;
        var syn = PacketBuilder.Syn(client, server).Isn(Isn).MpCapable(Flags);
        Assert.That(Read(syn.Option(Write(Operator.Stranger)), Operator.Keys, out _, true), Is.EqualTo(ClaimFinding.Rejected));
        syn = PacketBuilder.Syn(client, server).Isn(Isn).MpCapable(Flags);
        Assert.That(Read(syn.Option(Write(Operator.Keys)), Operator.Keys, out _), Is.EqualTo(ClaimFinding.Valid));
    }

    private byte[] Write(SharedKeys? keys) => SynClaims.Write(Flow, Isn, Claim, keys).Bytes.ToArray();

    private PacketBuilder Syn() => Syn(client, server);

    private static PacketBuilder Syn(string from, string to) =>
        PacketBuilder.Syn(from, to).Isn(Isn).Mss(1460).SackPermitted().MpCapable();

    private static ClaimFinding Read(PacketBuilder syn, SharedKeys? keys, out ProxyClaim claim, bool acceptUnsigned = false)
    {
        TcpPacket.Read(syn.Build(), out var segment);
        var options = HandshakeOptions.Read(segment.Options);
        var settings = new ExplicitSettings(Operator.FirstProxy, 4, ClaimCarrier.Option, keys, acceptUnsigned);
        return SynClaims.Read(in segment, in options, settings, out claim);
    }
}
