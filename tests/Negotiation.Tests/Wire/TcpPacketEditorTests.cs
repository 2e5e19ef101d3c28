using System.Buffers.Binary;
using Middlebox.Fuzzing.Oracles;
using Middlebox.Negotiation.Wire;
using Middlebox.Testing;

namespace Middlebox.Negotiation.Tests.Wire;

[TestFixture]
public sealed class TcpPacketEditorTests
{
    private static readonly byte[] Claim = [30, 6, 0xF8, 1, 0xAB, 0xCD];

    [Test]
    public void BlankOption_CapturedSyn_IsTheSynWithNops()
    {
        var packet = (byte[])CapturedPackets.MptcpSyn.Clone();
        TcpPacketEditor.BlankOption(packet, 20, 20, 4);

        Assert.That(Options(packet), Is.EqualTo("020405B40402080AAB56323D000000000103030A01010101"));
        AssertSound(packet);
    }

    [Test]
    public void RemoveOption_CapturedSyn_IsFourOctetsShorter()
    {
        var packet = (byte[])CapturedPackets.MptcpSyn.Clone();
        var length = TcpPacketEditor.RemoveOption(packet, 20, 20, 4);

        Assert.That(length, Is.EqualTo(packet.Length - 4));
        Assert.That(Options(packet[..length]), Is.EqualTo("020405B40402080AAB56323D000000000103030A"));
        AssertSound(packet[..length]);
    }

    // Options of six octets and more, padded; what is left is padded up to four again.
    [TestCase(0, "01010101")]
    [TestCase(1, "01010101")]
    [TestCase(2, "01010101")]
    [TestCase(3, "0101010101010101")]
    public void RemoveOption_OddOffsetAndLength_IsPaddedByNops(int nops, string expected)
    {
        var builder = PacketBuilder.Syn("198.18.1.2:40000", "198.18.9.2:80").Nop().Option(254, 5, 1, 2, 3);
        for (var i = 0; i < nops; i++)
            builder.Nop();
        var packet = builder.Payload(1, 2, 3).Build();
        var length = TcpPacketEditor.RemoveOption(packet, 20, 1, 5);

        Assert.That(Options(packet[..length]), Is.EqualTo(expected));
        Assert.That(packet[(length - 3)..length], Is.EqualTo(new byte[] { 1, 2, 3 }));
        AssertSound(packet[..length]);
    }

    [TestCase("198.18.1.2:40000", "198.18.9.2:80")]
    [TestCase("[2001:db8::1]:40000", "[2001:db8::2]:80")]
    public void TryAppendOption_NoPadding_HeaderGrows(string from, string to)
    {
        var packet = PacketBuilder.LinuxMptcpSyn(from, to).Payload(1, 2, 3).Build();
        var buffer = new byte[100 + packet.Length];
        packet.CopyTo(buffer, 0);
        var offset = packet[0] >> 4 == 4 ? 20 : 40;

        Assert.That(TcpPacketEditor.TryAppendOption(buffer, packet.Length, offset, Claim, out var length), Is.True);
        Assert.That(length, Is.EqualTo(packet.Length + 8));
        Assert.That(Options(buffer[..length]), Does.EndWith("1E0401011E06F801ABCD0101"));
        Assert.That(buffer[(length - 3)..length], Is.EqualTo(new byte[] { 1, 2, 3 }));
        AssertSound(buffer[..length]);
    }

    [TestCase("0402010101010101", "04021E06F801ABCD", TestName = "TryAppendOption_NopPadding_IsUsed")]
    [TestCase("0402000000000000", "04021E06F801ABCD", TestName = "TryAppendOption_EndOfListPadding_IsUsed")]
    [TestCase("04020000FFFFFFFF", "04021E06F801ABCD", TestName = "TryAppendOption_GarbageBehindEndOfList_IsPadding")]
    [TestCase("0402010100000000FEFEFEFE", "04021E06F801ABCD01010101", TestName = "TryAppendOption_RestIsNops")]
    public void TryAppendOption_Padding(string before, string after)
    {
        var options = Convert.FromHexString(before);
        var packet = PacketBuilder.Syn("198.18.1.2:40000", "198.18.9.2:80").Option(options).Build();

        Assert.That(TcpPacketEditor.TryAppendOption(packet, packet.Length, 20, Claim, out var length), Is.True);
        Assert.That(length, Is.EqualTo(packet.Length));
        Assert.That(Options(packet), Is.EqualTo(after));
        AssertSound(packet);
    }

    [Test]
    public void TryAppendOption_SixteenLeftInLinuxSyn_SixteenFitSeventeenDoNot()
    {
        var packet = PacketBuilder.LinuxMptcpSyn("198.18.1.2:40000", "198.18.9.2:80").Build();
        var buffer = new byte[200];
        packet.CopyTo(buffer, 0);
        var before = (byte[])buffer.Clone();

        Assert.That(
            TcpPacketEditor.TryAppendOption(buffer, packet.Length, 20, [30, 17, .. new byte[15]], out var length),
            Is.False);
        Assert.That((length, buffer), Is.EqualTo((packet.Length, before)));
        Assert.That(
            TcpPacketEditor.TryAppendOption(buffer, packet.Length, 20, [30, 16, .. new byte[14]], out length), Is.True);
        Assert.That(length, Is.EqualTo(packet.Length + 16));
        AssertSound(buffer[..length]);
    }

    [Test]
    public void TryAppendOption_NoRoomInBufferOrIpLength_IsFalse()
    {
        var packet = PacketBuilder.LinuxMptcpSyn("198.18.1.2:40000", "198.18.9.2:80").Build();
        Assert.That(TcpPacketEditor.TryAppendOption(packet, packet.Length, 20, Claim, out _), Is.False);

        var longest = PacketBuilder.Syn("198.18.1.2:40000", "198.18.9.2:80").Payload(new byte[65495]).Build();
        var buffer = new byte[70000];
        longest.CopyTo(buffer, 0);
        Assert.That(TcpPacketEditor.TryAppendOption(buffer, longest.Length, 20, Claim, out _), Is.False);
    }

    [Test]
    public void TryAppendOption_MalformedOptions_IsFalse()
    {
        var packet = PacketBuilder.Syn("198.18.1.2:40000", "198.18.9.2:80").Option(30, 0, 0, 0).Build();

        byte[] buffer = [.. packet, .. new byte[40]];
        Assert.That(TcpPacketEditor.TryAppendOption(buffer, packet.Length, 20, Claim, out _), Is.False);
    }

    [Test]
    public void PatchByte_CapableFlags_OnlyThatOctetAndTheChecksumChange()
    {
        var packet = (byte[])CapturedPackets.MptcpSyn.Clone();
        TcpPacketEditor.PatchByte(packet, 20, 20 + 23, 0x41);

        var changed = Enumerable.Range(0, packet.Length).Where(i => packet[i] != CapturedPackets.MptcpSyn[i]);
        Assert.That(changed, Is.SubsetOf(new[] { 36, 37, 63 }).And.Contains(63));
        AssertSound(packet);
    }

    [TestCase(-1)]
    [TestCase(12)]
    [TestCase(16)]
    [TestCase(17)]
    [TestCase(44)]
    public void PatchByte_DerivedFieldsAndBeyond_AreRefused(int offset)
    {
        var packet = (byte[])CapturedPackets.MptcpSyn.Clone();
        Assert.That(
            () => TcpPacketEditor.PatchByte(packet, 20, offset, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase("198.18.1.2:40000", "198.18.9.2:80", 20)]
    [TestCase("[2001:db8:1::2]:40000", "[2001:db8:9::2]:80", 40)]
    public void WithdrawEcn_SynWithAccurateEcn_IsTheSynWithout(string from, string to, int tcpOffset)
    {
        var plain = PacketBuilder.LinuxMptcpSyn(from, to).Build();
        var packet = PacketBuilder.LinuxMptcpSyn(from, to).Flags(TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr).Build();
        packet[tcpOffset + 12] |= 0x01;
        var checksum = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(tcpOffset + 16));
        BinaryPrimitives.WriteUInt16BigEndian(
            packet.AsSpan(tcpOffset + 16), InternetChecksum.Update(checksum, 0x0000, 0x0100));

        TcpPacketEditor.WithdrawEcn(packet, tcpOffset);

        Assert.That(packet, Is.EqualTo(plain));
    }

    [TestCase(-1, 4)]
    [TestCase(21, 4)]
    [TestCase(24, 1)]
    [TestCase(0, 25)]
    [TestCase(0, -1)]
    public void OptionOutsideTheOptions_IsRefused(int offset, int length)
    {
        var packet = (byte[])CapturedPackets.MptcpSyn.Clone();
        Assert.That(
            () => TcpPacketEditor.BlankOption(packet, 20, offset, length),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => TcpPacketEditor.RemoveOption(packet, 20, offset, length),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static string Options(byte[] packet)
    {
        Assert.That(TcpPacket.Read(packet, out var tcp), Is.EqualTo(PacketDefect.None));
        return Convert.ToHexString(tcp.Options);
    }

    private static void AssertSound(byte[] packet)
    {
        var reading = PlainReader.Read(packet);
        Assert.That((reading.Defect, reading.Length), Is.EqualTo(("None", packet.Length)));
        Assert.That(PlainReader.TcpResidue(packet, reading.TcpOffset), Is.Zero, "TCP checksum");
        if (packet[0] >> 4 == 4)
            Assert.That(PlainReader.Checksum(packet[..(packet[0] % 16 * 4)]), Is.Zero, "IPv4 checksum");
    }
}
