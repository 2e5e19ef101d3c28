using System.Security.Cryptography;
using Middlebox.Negotiation.Addresses;
using Middlebox.Negotiation.Wire;

namespace Middlebox.Negotiation.Tests.Wire;

/// <summary>Options as Linux sends them.</summary>
[TestFixture]
public sealed class MptcpOptionTests
{
    [Test]
    public void MpCapable_Length4_SynHasNoKey()
    {
        Assert.That(MpCapable.TryRead(MptcpOptionOf(CapturedPackets.MptcpSyn), out var capable), Is.True);
        Assert.That(capable, Is.EqualTo(MpCapable.Syn(MpCapableFlags.HmacSha256)));
        Assert.That(capable.HasSenderKey, Is.False);
    }

    [Test]
    public void MpCapable_Length12_SynAckKeyIsRead()
    {
        Assert.That(MpCapable.TryRead(MptcpOptionOf(CapturedPackets.MptcpSynAck), out var capable), Is.True);
        Assert.That(capable, Is.EqualTo(MpCapable.SynAck(MpCapableFlags.HmacSha256, 0x42D9197E4BF1333A)));
    }

    [Test]
    public void MpCapable_Length20_BothKeysAreReadClientFirst()
    {
        Assert.That(MpCapable.TryRead(MptcpOptionOf(CapturedPackets.MptcpAck), out var capable), Is.True);
        Assert.That(capable.Length, Is.EqualTo(20));
        Assert.That(capable.SenderKey, Is.EqualTo(0x01EEC15A62A2C8F3));
        Assert.That(capable.ReceiverKey, Is.EqualTo(0x42D9197E4BF1333A));
    }

    [Test]
    public void MpCapable_Length22_DataLengthIsRead()
    {
        Assert.That(MpCapable.TryRead(MptcpOptionOf(CapturedPackets.MptcpFirstData), out var capable), Is.True);
        Assert.That((capable.HasDataLength, capable.DataLength), Is.EqualTo((true, (ushort)2)));
        Assert.That(capable.HasChecksum, Is.False);
    }

    // What the keys hash to is what Linux then uses: token and initial sequence number tie the options together.
    [Test]
    public void Keys_GiveTheTokenAndSequenceNumbersThatFollow()
    {
        MpCapable.TryRead(MptcpOptionOf(CapturedPackets.MptcpAck), out var capable);
        MpJoinSyn.TryRead(MptcpOptionOf(CapturedPackets.JoinSyn), out var join);
        Dss.TryRead(MptcpOptionOf(CapturedPackets.DataAck), out var dss);
        var clientHash = SHA256.HashData(BigEndian(capable.SenderKey));
        var serverHash = SHA256.HashData(BigEndian(capable.ReceiverKey));

        Assert.That(BigEndian(join.Token), Is.EqualTo(serverHash[..4]));
        Assert.That(BigEndian(dss.DataAck - 3), Is.EqualTo(clientHash[^8..]));
    }

    [Test]
    public void MpJoin_HmacsAreThoseOfTheKeysAndNonces()
    {
        MpCapable.TryRead(MptcpOptionOf(CapturedPackets.MptcpAck), out var capable);
        MpJoinSyn.TryRead(MptcpOptionOf(CapturedPackets.JoinSyn), out var syn);
        MpJoinSynAck.TryRead(MptcpOptionOf(CapturedPackets.JoinSynAck), out var synAck);
        MpJoinAck.TryRead(MptcpOptionOf(CapturedPackets.JoinAck), out var ack);
        byte[] clientKey = BigEndian(capable.SenderKey);
        byte[] serverKey = BigEndian(capable.ReceiverKey);
        byte[] clientNonce = BigEndian(syn.Nonce);
        byte[] serverNonce = BigEndian(synAck.Nonce);
        var ackHmac = new byte[20];
        ack.CopyHmacTo(ackHmac);

        Assert.That(
            BigEndian(synAck.TruncatedHmac),
            Is.EqualTo(HMACSHA256.HashData([.. serverKey, .. clientKey], [.. serverNonce, .. clientNonce])[..8]));
        Assert.That(
            ackHmac,
            Is.EqualTo(HMACSHA256.HashData([.. clientKey, .. serverKey], [.. clientNonce, .. serverNonce])[..20]));
        Assert.That((syn.IsBackup, syn.AddressId), Is.EqualTo((false, (byte)1)));
    }

    [Test]
    public void Dss_DataFin_AckAndMappingAreRead()
    {
        Assert.That(Dss.TryRead(MptcpOptionOf(CapturedPackets.DataFin), out var dss), Is.True);
        Assert.That((dss.Length, (int)dss.Flags), Is.EqualTo((26, 0x1F)));
        Assert.That((dss.IsDataFin, dss.HasDataAck, dss.HasMapping), Is.EqualTo((true, true, true)));
        Assert.That((dss.SubflowSequence, dss.DataLength, dss.Checksum), Is.EqualTo((0u, (ushort)1, (ushort?)null)));
    }

    [TestCase("1E08200100000001", false, TestName = "Dss_ShortAck_Length8")]
    [TestCase("1E0C20030000000000000001", false, TestName = "Dss_LongAck_Length12")]
    [TestCase("1E0E2004000000020000000300" + "00", true, TestName = "Dss_InfiniteMapping_Length14")]
    [TestCase("1E102004000000020000000300001234", true, TestName = "Dss_MappingWithChecksum_Length16")]
    [TestCase("1E042000", false, TestName = "Dss_Empty_Length4")]
    public void Dss_Lengths(string hex, bool isInfinite)
    {
        Assert.That(Dss.TryRead(Convert.FromHexString(hex), out var dss), Is.True);
        Assert.That(dss.IsInfiniteMapping, Is.EqualTo(isInfinite));
    }

    [TestCase("1E0C20010000000000000001", TestName = "Dss_LongerThanItsFlags_IsRefused")]
    [TestCase("1E08200300000001", TestName = "Dss_ShorterThanItsFlags_IsRefused")]
    [TestCase("1E0A2001000000011234", TestName = "Dss_ChecksumWithoutMapping_IsRefused")]
    [TestCase("1E0320", TestName = "Dss_WithoutFlags_IsRefused")]
    public void Dss_WrongLength(string hex) => Assert.That(Dss.TryRead(Convert.FromHexString(hex), out _), Is.False);

    [TestCase("1E103002C61209020102030405060708", "198.18.9.2", null, false, TestName = "AddAddress_Ipv4_Length16")]
    [TestCase("1E123002C612090200500102030405060708", "198.18.9.2", 80, false,
        TestName = "AddAddress_Ipv4Port_Length18")]
    [TestCase("1E083102C6120902", "198.18.9.2", null, true, TestName = "AddAddress_Ipv4Echo_Length8")]
    [TestCase("1E0A3102C61209020050", "198.18.9.2", 80, true, TestName = "AddAddress_Ipv4PortEcho_Length10")]
    [TestCase("1E1C300220010DB80000000000000000000000010102030405060708", "2001:db8::1", null, false,
        TestName = "AddAddress_Ipv6_Length28")]
    [TestCase("1E1E300220010DB800000000000000000000000100500102030405060708", "2001:db8::1", 80, false,
        TestName = "AddAddress_Ipv6Port_Length30")]
    [TestCase("1E14310220010DB8000000000000000000000001", "2001:db8::1", null, true,
        TestName = "AddAddress_Ipv6Echo_Length20")]
    [TestCase("1E16310220010DB80000000000000000000000010050", "2001:db8::1", 80, true,
        TestName = "AddAddress_Ipv6PortEcho_Length22")]
    public void AddAddress_Lengths(string hex, string address, int? port, bool isEcho)
    {
        Assert.That(AddAddress.TryRead(Convert.FromHexString(hex), out var announcement), Is.True);
        Assert.That(
            announcement,
            Is.EqualTo(new AddAddress(
                2,
                HostAddress.Parse(address),
                port is { } number ? new PortNumber((ushort)number) : null,
                isEcho ? null : 0x0102030405060708)));
    }

    [Test]
    public void AddAddress_MappedAddressInIpv6Form_IsRefused() =>
        Assert.That(
            AddAddress.TryRead(Convert.FromHexString("1E14310200000000000000000000FFFFC6120902"), out _), Is.False);

    [Test]
    public void RemoveAddress_IdsAreRead()
    {
        Assert.That(RemoveAddress.TryRead([30, 5, 0x40, 7, 9], out var removal), Is.True);
        Assert.That(removal.AddressIds.ToArray(), Is.EqualTo(new byte[] { 7, 9 }));
        Assert.That(RemoveAddress.TryRead([30, 3, 0x40], out _), Is.False);
    }

    [Test]
    public void MpPriority_Length3_BackupIsRead()
    {
        Assert.That(MpPriority.TryRead([30, 3, 0x51], out var priority), Is.True);
        Assert.That(priority.IsBackup, Is.True);
        Assert.That(MpPriority.TryRead([30, 4, 0x51, 2], out _), Is.False, "four octets are version 0");
    }

    [Test]
    public void MpReset_ReasonIsRead()
    {
        Assert.That(MpReset.TryRead([30, 4, 0x81, 6], out var reset), Is.True);
        Assert.That(reset, Is.EqualTo(new MpReset(IsTransient: true, MpResetReason.MiddleboxInterference)));
    }

    [Test]
    public void MpExperimental_ContentIsOpaque()
    {
        Assert.That(MpExperimental.TryRead([30, 6, 0xFB, 1, 2, 3], out var experimental), Is.True);
        Assert.That(experimental.Flags, Is.EqualTo(0xB));
        Assert.That(experimental.Content.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(MpExperimental.TryRead([30, 3, 0xF0], out _), Is.True);
    }

    private static byte[] MptcpOptionOf(byte[] bytes)
    {
        Assert.That(TcpPacket.Read(bytes, out var packet), Is.EqualTo(PacketDefect.None));
        var reader = new TcpOptionReader(packet.Options);
        while (reader.MoveNext())
        {
            if (reader.Kind == TcpOptionKind.Mptcp)
                return reader.Bytes.ToArray();
        }

        throw new ArgumentException("The packet has no MPTCP option.", nameof(bytes));
    }

    private static byte[] BigEndian(ulong value) => [.. BitConverter.GetBytes(value).Reverse()];

    private static byte[] BigEndian(uint value) => [.. BitConverter.GetBytes(value).Reverse()];
}
