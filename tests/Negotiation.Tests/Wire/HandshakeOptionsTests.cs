using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Wire;

[TestFixture]
public sealed class HandshakeOptionsTests
{
    [Test]
    public void CapturedSyn_EveryOptionIsRead()
    {
        var options = ReadFrom(CapturedPackets.MptcpSyn);

        Assert.That(options.Mss, Is.EqualTo(1460));
        Assert.That(options.SackPermitted, Is.True);
        Assert.That(options.HasTimestamps, Is.True);
        Assert.That(options.TimestampValue, Is.EqualTo(0xAB56323D));
        Assert.That(options.TimestampEcho, Is.Zero);
        Assert.That(options.WindowScale, Is.EqualTo(10));
        Assert.That(options.HasMptcp, Is.True);
        Assert.That(options.MpCapable, Is.EqualTo(MpCapableKind.Version1));
        Assert.That(options.MpCapableFlags, Is.EqualTo(MpCapableFlags.HmacSha256));
        Assert.That((options.MpCapableOffset, options.MpCapableLength), Is.EqualTo((20, 4)));
        Assert.That(options.HasMpJoin, Is.False);
        Assert.That(options.Malformed, Is.False);
    }

    [Test]
    public void CapturedSynAck_CapableHasTwelveOctets()
    {
        var options = ReadFrom(CapturedPackets.MptcpSynAckV6);

        Assert.That(options.MpCapable, Is.EqualTo(MpCapableKind.Version1));
        Assert.That(options.MpCapableLength, Is.EqualTo(12));
        Assert.That(options.TimestampEcho, Is.EqualTo(0x8BB030E5));
        Assert.That(options.Malformed, Is.False);
    }

    [Test]
    public void CapturedLegacySynAck_HasNoMptcp()
    {
        var options = ReadFrom(CapturedPackets.LegacySynAck);

        Assert.That(options.MpCapable, Is.EqualTo(MpCapableKind.None));
        Assert.That(options.HasMptcp, Is.False);
        Assert.That(options.WindowScale, Is.EqualTo(10));
    }

    [Test]
    public void CapturedJoin_TokenIsReadFromSynOnly()
    {
        var syn = ReadFrom(CapturedPackets.JoinSyn);
        var synAck = ReadFrom(CapturedPackets.JoinSynAck);

        Assert.That((syn.HasMpJoin, syn.MpJoinToken, syn.Malformed), Is.EqualTo((true, 0x17DCD5E1u, false)));
        Assert.That((synAck.HasMpJoin, synAck.MpJoinToken, synAck.Malformed), Is.EqualTo((true, 0u, false)));
    }

    [Test]
    public void Nothing_IsWellFormedAndEmpty()
    {
        var options = HandshakeOptions.Read([]);

        Assert.That(options.Mss, Is.Null);
        Assert.That(options.WindowScale, Is.Null);
        Assert.That(options.SackPermitted || options.HasTimestamps || options.HasMptcp, Is.False);
        Assert.That(options.Malformed, Is.False);
    }

    [TestCase(0, 0)]
    [TestCase(14, 14)]
    [TestCase(15, 14)]
    [TestCase(255, 14)]
    public void WindowScale_IsAtMostFourteen(byte onTheWire, byte expected) =>
        Assert.That(HandshakeOptions.Read([3, 3, onTheWire]).WindowScale, Is.EqualTo(expected));

    [TestCase("1E040101", MpCapableKind.Version1, TestName = "MpCapable_Version1Length4")]
    [TestCase("1E0C01010102030405060708", MpCapableKind.Version1, TestName = "MpCapable_Version1Length12")]
    [TestCase("1E0C00810102030405060708", MpCapableKind.Version0, TestName = "MpCapable_Version0Length12")]
    [TestCase("1E040201", MpCapableKind.OtherVersion, TestName = "MpCapable_Version2")]
    [TestCase("1E040001", MpCapableKind.Malformed, TestName = "MpCapable_Version0Length4_IsMalformed")]
    [TestCase("1E050101FF", MpCapableKind.Malformed, TestName = "MpCapable_Length5_IsMalformed")]
    [TestCase("1E0301", MpCapableKind.Malformed, TestName = "MpCapable_Length3_IsMalformed")]
    [TestCase("1E0401011E040101", MpCapableKind.Malformed, TestName = "MpCapable_Twice_IsMalformed")]
    [TestCase("1E140101" + "00000000000000000000000000000000", MpCapableKind.Malformed,
        TestName = "MpCapable_Length20InHandshake_IsMalformed")]
    public void MpCapable(string hex, MpCapableKind expected)
    {
        var options = HandshakeOptions.Read(Convert.FromHexString(hex));

        Assert.That(options.MpCapable, Is.EqualTo(expected));
        Assert.That(options.HasMptcp, Is.True);
        Assert.That(options.Malformed, Is.EqualTo(expected == MpCapableKind.Malformed));
    }

    [TestCase("0203FF", TestName = "Mss_Length3_IsMalformed")]
    [TestCase("0302", TestName = "WindowScale_Length2_IsMalformed")]
    [TestCase("040300", TestName = "SackPermitted_Length3_IsMalformed")]
    [TestCase("0806FFFFFFFF", TestName = "Timestamps_Length6_IsMalformed")]
    [TestCase("1302", TestName = "Md5_Length2_IsMalformed")]
    [TestCase("1D03FF", TestName = "Authentication_Length3_IsMalformed")]
    [TestCase("2203FF", TestName = "FastOpen_OddCookie_IsMalformed")]
    [TestCase("2204FFFF", TestName = "FastOpen_CookieOfTwo_IsMalformed")]
    [TestCase("FE06F989FFFF", TestName = "FastOpenExperiment_CookieOfTwo_IsMalformed")]
    [TestCase("1E02", TestName = "Mptcp_WithoutSubtype_IsMalformed")]
    [TestCase("1E0410010000", TestName = "MpJoin_Length4_IsMalformed")]
    [TestCase("1E0401011E0C10010000000100000002", TestName = "MpCapableAndMpJoin_IsMalformed")]
    [TestCase("1E00", TestName = "LengthZero_IsMalformed")]
    [TestCase("0204", TestName = "BeyondTheEnd_IsMalformed")]
    public void Malformed(string hex) =>
        Assert.That(HandshakeOptions.Read(Convert.FromHexString(hex)).Malformed, Is.True);

    [TestCase("FD03FF", TestName = "UnknownKind_IsNotMalformed")]
    [TestCase("FE04ABCD", TestName = "OtherExperiment_IsNotMalformed")]
    [TestCase("FE02", TestName = "ExperimentWithoutId_IsNotMalformed")]
    [TestCase("1E0EF80000010203040506070809", TestName = "MpExperimental_IsNotMalformed")]
    public void NotMalformed(string hex)
    {
        var options = HandshakeOptions.Read(Convert.FromHexString(hex));
        Assert.That(options.Malformed, Is.False);
        Assert.That(options.HasFastOpen, Is.False);
    }

    [TestCase("2202", TestName = "FastOpen_Request")]
    [TestCase("220A0102030405060708", TestName = "FastOpen_Cookie")]
    [TestCase("FE04F989", TestName = "FastOpenExperiment_Request")]
    [TestCase("FE08F98901020304", TestName = "FastOpenExperiment_Cookie")]
    public void FastOpen(string hex)
    {
        var options = HandshakeOptions.Read(Convert.FromHexString(hex));
        Assert.That((options.HasFastOpen, options.Malformed), Is.EqualTo((true, false)));
    }

    [Test]
    public void Signatures_AreSeen()
    {
        const string From = "198.18.1.2:40000";
        const string To = "198.18.9.2:80";
        var md5 = ReadFrom(PacketBuilder.Syn(From, To).Md5().Build());
        var authentication = ReadFrom(PacketBuilder.Syn(From, To).Authentication().Build());

        Assert.That((md5.HasMd5, md5.HasAuthentication, md5.Malformed), Is.EqualTo((true, false, false)));
        Assert.That(
            (authentication.HasMd5, authentication.HasAuthentication, authentication.Malformed),
            Is.EqualTo((false, true, false)));
    }

    [Test]
    public void Size_IsSmall() =>
        Assert.That(System.Runtime.CompilerServices.Unsafe.SizeOf<HandshakeOptions>(), Is.LessThanOrEqualTo(28));

    private static HandshakeOptions ReadFrom(byte[] bytes)
    {
        Assert.That(TcpPacket.Read(bytes, out var packet), Is.EqualTo(PacketDefect.None));
        return HandshakeOptions.Read(packet.Options);
    }
}
