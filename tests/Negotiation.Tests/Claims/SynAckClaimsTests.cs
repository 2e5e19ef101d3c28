using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Claims;
using Middlebox.Negotiation.Keys;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Claims;

/// <summary>Claims in SYN/ACKs, by which an end host learns who serves it.</summary>
[TestFixture("198.18.1.2:40000", "198.18.9.2:80")]
[TestFixture("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80")]
[Parallelizable(ParallelScope.All)]
public sealed class SynAckClaimsTests(string client, string server)
{
    private const uint ClientIsn = uint.MaxValue;
    private const uint ServerIsn = 0x55667788;
    private const ulong ServerKey = 0x0102030405060708;
    private const MpCapableFlags FlagsWithP = MpCapableFlags.HmacSha256 | MpCapableFlags.Extensibility;
    private static readonly ProxyClaim Claim = new(Operator.SecondProxy, 5);

    [Test]
    public void Signed_Layout_8Octets() => Assert.That(
        Write(Operator.Keys),
        Is.EqualTo((byte[])[30, 8, 0xF8 | 5, Operator.OldKeyId, .. Tag(Operator.OldKey, Operator.SecondProxy, 5)]));

    [Test]
    public void Unsigned_Layout_6Octets() =>
        Assert.That(Write(keys: null), Is.EqualTo(new byte[] { 30, 6, 0xFD, 0, 0xAB, 0xCD }));

    [Test]
    public void Signed_ReadByAnybodyWithTheKey_WhicheverSigns([Values] bool isRolledHere, [Values] bool isRolledThere)
    {
        var option = Write(isRolledThere ? Operator.RolledKeys : Operator.Keys);
        Assert.That(
            Verify(SynAck().Option(option), out var claim, isRolledHere ? Operator.RolledKeys : Operator.Keys), Is.True);
        Assert.That(claim, Is.EqualTo(Claim));
    }

    // The option has no room for the id, so all that there are are tried.
    [TestCase(Operator.FirstProxy, true)]
    [TestCase(Operator.SecondProxy, true)]
    [TestCase((ushort)18, false)]
    public void Signed_ProxyIsFoundAmongThoseOfTheRingOnly(ushort proxy, bool expected)
    {
        var option = Write(Operator.Keys, new ProxyClaim(proxy, 3));
        Assert.That(Verify(SynAck().Option(option), out var claim), Is.EqualTo(expected));
        Assert.That(claim, Is.EqualTo(expected ? new ProxyClaim(proxy, 3) : default));
    }

    [Test]
    public void Signed_OnAnotherConnectionOrFromAnotherServer_Rejected()
    {
        var option = Write(Operator.Keys);
        var otherClient = client.Contains('[') ? "[2001:db8:1::3]:40000" : "198.18.1.3:40000";
        var otherServer = server.Contains('[') ? "[2001:db8:9::3]:80" : "198.18.9.3:80";
        PacketBuilder[] others =
        [
            SynAck().Isn(ServerIsn + 1),
            SynAck().Acknowledging(1),
            SynAck(key: ServerKey ^ 1),
            SynAck(key: ServerKey ^ (1UL << 63)),
            SynAck(otherServer, client),
            SynAck(server.Replace(":80", ":81", StringComparison.Ordinal), client),
            SynAck(server, otherClient),
            SynAck(server, client.Replace("40000", "40001", StringComparison.Ordinal)),
            SynAck(client, server),
        ];
        foreach (var other in others)
            Assert.That(Verify(other.Option(option), out _), Is.False);
    }

    // P gone, or subtype, or kind: then there is none. Anything else: one that does not stand the check.
    [Test]
    public void Signed_AnyBitChanged_IsNotVerified([Range(0, (8 * 8) - 1)] int bit)
    {
        var option = Write(Operator.Keys);
        option[bit / 8] ^= (byte)(0x80 >> (bit % 8));
        Assert.That(Verify(SynAck().Option(option), out _), Is.Not.True);
    }

    [Test]
    public void ClaimOfASyn_IsNoneOfASynAck()
    {
        var flow = new FlowKey(HostEndpoint.Parse(client), HostEndpoint.Parse(server));
        var option = SynClaims.Write(flow, ClientIsn, Claim, Operator.Keys).Bytes.ToArray();
        Assert.That(Verify(SynAck().Option(option), out _), Is.False);
        Assert.That(Verify(SynAck().Option([30, 8, .. option[2..4], .. option[6..10]]), out _), Is.False, "its tag");
    }

    [Test]
    public void WithoutAKeyInMpCapable_Rejected() => Assert.That(
        Verify(PacketBuilder.SynAck(server, client).Isn(ServerIsn).Acknowledging(0).MpCapable().Option(Write(Operator.Keys)), out _),
        Is.False);

    // It is left in its place, for a host that has the keys.
    [Test]
    public void Signed_NoKeysHere_CountsLikeAnUnsignedOne([Values] bool acceptUnsigned) =>
        Assert.That(Verify(SynAck().Option(Write(Operator.Keys)), out _, keys: null, acceptUnsigned), Is.EqualTo(acceptUnsigned));

    [Test]
    public void Unsigned_NeverVerified_UnlessAccepted([Values] bool acceptUnsigned)
    {
        Assert.That(Verify(SynAck().Option(Write(null)), out _, Operator.Keys, acceptUnsigned), Is.EqualTo(acceptUnsigned));
        Assert.That(Verify(SynAck(FlagsWithP), out _, Operator.Keys, acceptUnsigned), Is.EqualTo(acceptUnsigned));
    }

    [Test]
    public void None_IsNeitherTrueNorFalse()
    {
        Assert.That(Verify(SynAck(), out _), Is.Null);
        Assert.That(Verify(SynAck().Option(30, 8, 0xF0, 1, 2, 3, 4, 5), out _), Is.Null, "an experiment of others");
    }

    [Test]
    public void NoKeys_Rejected() => Assert.That(Verify(SynAck().Option(Write(Operator.Keys)), out _, keys: null), Is.False);

    [Test]
    public void OfAKernelThatFellBack_CannotBeWritten()
    {
        TcpPacket.Read(PacketBuilder.SynAck(server, client).Mss(1460).Build(), out var synAck);
        var options = HandshakeOptions.Read(synAck.Options);
        Assert.That(SynAckClaims.TryWrite(in synAck, in options, Claim, Operator.Keys, out _), Is.False);
    }

    private byte[] Tag(byte[] key, ushort proxyId, byte preference) => PlainTag.OfSynAck(
        key, client, server, ClientIsn, ServerIsn, [1, 2, 3, 4, 5, 6, 7, 8], proxyId, preference, 4);

    private byte[] Write(SharedKeys? keys, ProxyClaim? claim = null)
    {
        TcpPacket.Read(SynAck().Build(), out var synAck);
        var options = HandshakeOptions.Read(synAck.Options);
        Assert.That(SynAckClaims.TryWrite(in synAck, in options, claim ?? Claim, keys, out var option), Is.True);
        return option.Bytes.ToArray();
    }

    private PacketBuilder SynAck(MpCapableFlags flags = MpCapableFlags.HmacSha256, ulong key = ServerKey) =>
        SynAck(server, client, flags, key);

    private static PacketBuilder SynAck(
        string from, string to, MpCapableFlags flags = MpCapableFlags.HmacSha256, ulong key = ServerKey) =>
        PacketBuilder.SynAck(from, to).Isn(ServerIsn).Acknowledging(unchecked(ClientIsn + 1)).Mss(1460).MpCapable(key, flags);

    private static bool? Verify(PacketBuilder synAck, out ProxyClaim claim) => Verify(synAck, out claim, Operator.Keys);

    private static bool? Verify(PacketBuilder synAck, out ProxyClaim claim, SharedKeys? keys, bool acceptUnsigned = false)
    {
        TcpPacket.Read(synAck.Build(), out var segment);
        return SynAckClaims.Verify(in segment, keys, acceptUnsigned, out claim);
    }
}
